"""A silence hides the new alerts that fit it while it lasts, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import pytest

from detection import Matcher, RuleSet
from detection.alerts import Alert, AlertFilter, AlertState, Grouping, list_alerts, record_matches, transition
from detection.authorship import ChangedBy
from detection.tuning import (
    NewSilence,
    Silence,
    TuningConflictError,
    TuningError,
    TuningNotFoundError,
    begin_silence,
    end_silence,
    list_silences,
    silence_alerts,
    silenced_counts,
)
from detection.tuning.repository import silences_at
from detection.tuning.silences import fits
from events import Event, now_ms
from registry import UnitScope
from store.records import RecordsDatabase

ALL = UnitScope.everything()

By = Callable[..., ChangedBy]
HOUR = 3_600_000


def _raise(records: RecordsDatabase, rules: RuleSet, events: Sequence[Event], now: int) -> list[str]:
    with records.begin() as session:
        changes = record_matches(session, Grouping().updates(Matcher(rules).match(events)), now)
        ids = [each.alert_id for each in changes if each.created or each.reopened]
        silence_alerts(session, ids, now)
    return ids


def _shown(records: RecordsDatabase) -> set[str]:
    with records.read() as session:
        return {alert.entity["host.name"] for alert in list_alerts(session, ALL, AlertFilter(silenced="hide")).alerts}


def _fits(matchers: Mapping[str, Sequence[str]]) -> bool:
    """Whether a silence of these matchers fits an alert of rule ``r1`` on the host ``web-1``."""
    alert = Alert(rule_id="r1", level="high", entity={"host.name": "web-1"}, tags=["attack.t1059"])
    return fits(Silence(matchers=matchers), alert)


def test_every_kind_must_fit_by_any_of_its_list() -> None:
    for matchers in (
        {"rules": ["r1"]},
        {"rules": ["r2", "r1"]},
        {"levels": ["HIGH"]},
        {"tags": ["attack.T1059"]},
        {"entities": ["host.name=web-1"], "rules": ["r1"]},
    ):
        assert _fits(matchers), matchers
    for matchers in (
        {"rules": ["r2"]},
        {"tags": ["attack.t1"]},
        {"entities": ["host.name=web"]},
        {"entities": ["user.name=web-1"]},
        {"rules": ["r1"], "entities": ["host.name=web-2"]},
    ):
        assert not _fits(matchers), matchers


def test_only_alerts_raised_while_it_lasts_are_silenced(
    records: RecordsDatabase, rules: RuleSet, make_event: Callable[..., Event], by: By
) -> None:
    now = now_ms()
    _raise(records, rules, [make_event(1, host__name="before")], now)
    with records.begin() as session:
        wanted = NewSilence({"rules": ["r1"]}, now, now + HOUR, "maintenance")
        silence = begin_silence(session, wanted, by(now - by().at_ms))
    _raise(records, rules, [make_event(2, host__name="within"), make_event(3, host__name="before")], now)
    _raise(records, rules, [make_event(4, host__name="after")], now + HOUR)
    assert _shown(records) == {"before", "after"}
    with records.read() as session:
        assert silenced_counts(session) == {silence.id: 1}
        assert [each.id for each in silences_at(session, now + HOUR - 1)] == [silence.id]
        assert silences_at(session, now + HOUR) == []
        assert len(list_silences(session)) == 1
        assert list_silences(session, ending_after=now + HOUR) == []


def test_what_somebody_took_on_stays_visible(
    records: RecordsDatabase, rules: RuleSet, make_event: Callable[..., Event], by: By
) -> None:
    now = now_ms()
    with records.begin() as session:
        begin_silence(session, NewSilence({"rules": ["r1"]}, now, now + HOUR, "why"), by(now - by().at_ms))
    [alert_id] = _raise(records, rules, [make_event(1, host__name="web-1")], now)
    assert _shown(records) == set()
    with records.begin() as session:
        [alert] = list_alerts(session, ALL, AlertFilter(silenced="only")).alerts
        assert alert.id == alert_id
        transition(session, alert, AlertState.ACKNOWLEDGED, actor="lin", now_ms=now)
    assert _shown(records) == {"web-1"}


def test_ended_early_it_gives_back_what_no_other_silence_holds(
    records: RecordsDatabase, rules: RuleSet, make_event: Callable[..., Event], by: By
) -> None:
    now = now_ms()
    here = by(now - by().at_ms)
    with records.begin() as session:
        long = begin_silence(session, NewSilence({"rules": ["r1"]}, now, now + 2 * HOUR, "why"), here)
        begin_silence(session, NewSilence({"entities": ["host.name=web-1"]}, now, now + HOUR, "why"), here)
    _raise(records, rules, [make_event(1, host__name="web-1"), make_event(2, host__name="web-2")], now)
    assert _shown(records) == set()
    with records.begin() as session:
        end_silence(session, long.id, here)
        with pytest.raises(TuningConflictError):
            end_silence(session, long.id, here)
        with pytest.raises(TuningNotFoundError):
            end_silence(session, "none", here)
    assert _shown(records) == {"web-2"}


def test_a_silence_of_everything_or_without_end_or_reason_is_refused(
    records: RecordsDatabase, by: By, start: int
) -> None:
    rule = {"rules": ["r1"]}
    with records.begin() as session:
        for wrong in (
            NewSilence({}, start, start + 1, "why"),
            NewSilence({"rules": [" "]}, start, start + 1, "why"),
            NewSilence({"hosts": ["web-1"]}, start, start + 1, "why"),
            NewSilence({"levels": ["loud"]}, start, start + 1, "why"),
            NewSilence({"entities": ["web-1"]}, start, start + 1, "why"),
            NewSilence(rule, start, start, "why"),
            NewSilence(rule, start - 2, start - 1, "why"),
            NewSilence(rule, start, start + 400 * 24 * HOUR, "why"),
            NewSilence(rule, start, start + 1, "  "),
        ):
            with pytest.raises(TuningError):
                begin_silence(session, wrong, by())
        assert list_silences(session) == []
