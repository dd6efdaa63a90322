from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy.orm import Session

from detection.alerts import Alert, AlertState, Disposition, record_matches, transition
from detection.alerts.recording import AlertUpdate
from detection.scorecard import Hint, ScorecardPolicy, load_scorecard_policy, scorecard_of, scorecards
from detection.scorecard.repository import last_fired
from detection.scorecard.scoring import HintReason
from store.records.database import RecordsDatabase

DAY = 86_400_000
HOUR = 3_600_000
NOW = 1_770_000_000_000
POLICY = ScorecardPolicy.model_validate(
    {
        "period_days": 10,
        "minimum_closed": 4,
        "retire": {"false_positive_share": 0.75},
        "tune": {"unwanted_share": 0.5, "alerts_a_day": 2},
        "noisy_entities": 2,
    }
)


@pytest.fixture
def session(empty_records: RecordsDatabase) -> Iterator[Session]:
    with empty_records.begin() as opened:
        yield opened


def _raise(
    session: Session, rule: str, number: int, host: str = "h1", *, at: int = NOW - DAY, events: int = 2
) -> Alert:
    alert_id = f"{rule}-{number}"
    update = AlertUpdate(
        alert_id=alert_id,
        rule_id=rule,
        rule_title=rule,
        level="high",
        severity=3,
        tags=[],
        technique_ids=[],
        dataset="test",
        entity={"host.name": host},
        matched_fields=[],
        events=[(f"{alert_id}-{each}", at - DAY + each) for each in range(events)],
    )
    record_matches(session, [update], at)
    return session.get_one(Alert, alert_id)


def _close(session: Session, alert: Alert, disposition: Disposition, after: int) -> None:
    at = alert.created + after
    transition(session, alert, AlertState.CLOSED, actor="ann", now_ms=at, disposition=disposition)


def test_counts_times_and_shares(session: Session) -> None:
    alerts = [_raise(session, "r", number, f"h{number % 3}") for number in range(6)]
    transition(session, alerts[0], AlertState.ACKNOWLEDGED, actor="ann", now_ms=alerts[0].created + HOUR)
    _close(session, alerts[0], Disposition.TRUE_POSITIVE, 5 * HOUR)
    _close(session, alerts[1], Disposition.FALSE_POSITIVE, 3 * HOUR)
    _close(session, alerts[2], Disposition.BENIGN, 4 * HOUR)
    _close(session, alerts[3], Disposition.UNDETERMINED, 9 * HOUR)
    card = scorecard_of(session, "r", NOW, POLICY)
    assert (card.alerts, card.events, card.verdicts) == (6, 12, 3)
    assert card.dispositions == {"true_positive": 1, "false_positive": 1, "benign": 1, "undetermined": 1}
    assert card.false_positive_share == pytest.approx(1 / 3)
    assert card.unwanted_share == pytest.approx(2 / 3)
    assert card.acknowledge_ms == 3.5 * HOUR, "of 1, 3, 4 and 9 hours: closing at once is taking on too"
    assert card.close_ms == 4.5 * HOUR, "of 3, 4, 5 and 9 hours"
    assert card.last_fired_ms == NOW - 2 * DAY + 1
    assert [(each.value, each.alerts, each.share) for each in card.noisy_entities] == [
        ("h0", 2, pytest.approx(1 / 3)),
        ("h1", 2, pytest.approx(1 / 3)),
    ]


def test_a_reopened_alert_waited_until_it_was_first_taken_on(session: Session) -> None:
    alert = _raise(session, "r", 1)
    _close(session, alert, Disposition.TRUE_POSITIVE, HOUR)
    transition(session, alert, AlertState.NEW, actor="ann", now_ms=alert.created + 2 * HOUR)
    _close(session, alert, Disposition.FALSE_POSITIVE, 8 * HOUR)
    card = scorecard_of(session, "r", NOW, POLICY)
    assert (card.acknowledge_ms, card.close_ms) == (HOUR, HOUR)
    assert card.dispositions == {"false_positive": 1}


@pytest.mark.parametrize(
    ("closed", "hint", "reason"),
    [
        ("", Hint.KEEP, HintReason.SILENT),
        ("fff", Hint.KEEP, HintReason.TOO_FEW_VERDICTS),
        ("fffuu", Hint.KEEP, HintReason.TOO_FEW_VERDICTS),
        ("ffft", Hint.RETIRE, HintReason.FALSE_POSITIVES),
        ("fbtt", Hint.TUNE, HintReason.UNWANTED),
        ("bbbb", Hint.TUNE, HintReason.UNWANTED),
        ("fttt", Hint.KEEP, HintReason.USEFUL),
        ("t" * 21, Hint.TUNE, HintReason.TOO_MANY),
    ],
)
def test_the_hint_follows_the_policy(session: Session, closed: str, hint: Hint, reason: HintReason) -> None:
    meaning = {
        "f": Disposition.FALSE_POSITIVE,
        "b": Disposition.BENIGN,
        "t": Disposition.TRUE_POSITIVE,
        "u": Disposition.UNDETERMINED,
    }
    for number, letter in enumerate(closed):
        _close(session, _raise(session, "r", number), meaning[letter], HOUR)
    card = scorecard_of(session, "r", NOW, POLICY)
    assert (card.hint, card.reason) == (hint, reason)


def test_every_rule_within_the_period_has_a_card_of_its_own(session: Session) -> None:
    _close(session, _raise(session, "a", 1), Disposition.FALSE_POSITIVE, HOUR)
    _raise(session, "b", 1)
    _raise(session, "old", 1, at=NOW - 11 * DAY)
    cards = scorecards(session, NOW, POLICY)
    assert [(card.rule_id, card.alerts, card.false_positive_share) for card in cards] == [("a", 1, 1.0), ("b", 1, None)]
    assert scorecard_of(session, "old", NOW, POLICY).alerts == 0
    assert last_fired(session) == {"a": NOW - 2 * DAY + 1, "b": NOW - 2 * DAY + 1, "old": NOW - 12 * DAY + 1}


def test_the_shipped_policy_is_valid() -> None:
    assert load_scorecard_policy().period_days > 0
