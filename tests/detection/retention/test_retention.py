"""What detection wrote down goes by age, in batches, on record; counts and what anything refers to stay."""

from __future__ import annotations

import orjson
import pytest
from pydantic import ValidationError
from sqlalchemy import func, select

from audit import AuditFilter, list_records
from detection.alerts import Alert, AlertEntity, AlertEvent, AlertState, AlertUpdate, record_matches, transition
from detection.retention import RecordsRetention, Removed, load_records_retention, remove_aged
from detection.tuning import WithheldBy, WithheldCount, record_withheld, withheld_counts
from detection.tuning.matching import Withheld
from store.records import RecordsDatabase

_NOW = 1_790_000_000_000
_DAY = 86_400_000


@pytest.fixture
def records(empty_records: RecordsDatabase) -> RecordsDatabase:
    return empty_records


def _policy(batch: int = 1_000, events: int = 200) -> RecordsRetention:
    kept = {"alerts": 400, "alert_events": events, "withheld_matches": 300}
    return RecordsRetention.model_validate(
        {name: {"days": days, "reason": "test"} for name, days in kept.items()} | {"batch": batch}
    )


def _alert(records: RecordsDatabase, number: int, days_ago: int) -> str:
    alert_id = f"{number:0>32}"
    events = [(f"e{number}-{at}", _NOW - days_ago * _DAY - at) for at in range(3)]
    update = AlertUpdate(alert_id, "r", "R", "low", 1, [], [], "test.log", {"user.name": "u"}, [], events)
    with records.begin() as session:
        record_matches(session, [update], _NOW)
    return alert_id


def _rows(records: RecordsDatabase) -> tuple[int, int, int]:
    with records.read() as session:
        alerts, entities, events = (
            session.scalar(select(func.count()).select_from(table)) or 0 for table in (Alert, AlertEntity, AlertEvent)
        )
    return alerts, entities, events


def test_an_alert_goes_unless_anything_refers_to_it(records: RecordsDatabase) -> None:
    for number, days_ago in enumerate((500, 500, 250, 100)):
        _alert(records, number, days_ago)
    with records.begin() as session:
        handled = session.get_one(Alert, f"{0:0>32}")
        transition(session, handled, AlertState.ACKNOWLEDGED, actor="lin", now_ms=_NOW)

    assert remove_aged(records, _NOW, _policy()) == Removed(alerts=1, alert_events=9)
    assert _rows(records) == (3, 3, 3)
    assert remove_aged(records, _NOW, _policy()) == Removed()
    with records.read() as session:
        assert session.get_one(Alert, f"{0:0>32}").count == 3


def test_batches_are_bounded_and_each_is_on_record(records: RecordsDatabase) -> None:
    for number in range(4):
        _alert(records, number, 500)
    taken = []
    while removed := remove_aged(records, _NOW, _policy(batch=5)):
        taken.append((removed.alert_events, removed.alerts))
    assert taken == [(5, 0), (5, 0), (2, 3), (0, 1)]
    with records.read() as session:
        found = list_records(session, AuditFilter(action="alert:retention"), 10)
    assert [orjson.loads(each.after or "") for each in found][::-1] == [
        {name: count for name, count in (("alert_events", events), ("alerts", alerts)) if count}
        for events, alerts in taken
    ]


def test_counts_of_withheld_matches_stay_exact(records: RecordsDatabase) -> None:
    def withheld(event_id: str, days_ago: int) -> Withheld:
        return Withheld(WithheldBy.EXCEPTION, "x1", "r", event_id, _NOW - days_ago * _DAY)

    with records.begin() as session:
        record_withheld(session, [withheld("a", 310), withheld("b", 305), withheld("c", 10)])
    with records.read() as session:
        before = withheld_counts(session, WithheldBy.EXCEPTION)
    assert remove_aged(records, _NOW, _policy(batch=1)) == Removed(withheld_matches=1)
    assert remove_aged(records, _NOW, _policy()) == Removed(withheld_matches=1)
    assert remove_aged(records, _NOW, _policy()) == Removed()
    with records.read() as session:
        assert withheld_counts(session, WithheldBy.EXCEPTION) == before
        assert withheld_counts(session, WithheldBy.EXCEPTION, "x1") == {"x1": WithheldCount(3, _NOW - 10 * _DAY)}
        assert withheld_counts(session, WithheldBy.TEST) == {}
    assert remove_aged(records, _NOW + 300 * _DAY, _policy()) == Removed(withheld_matches=1)
    with records.read() as session:
        assert withheld_counts(session, WithheldBy.EXCEPTION) == before


def test_nothing_is_kept_for_less_than_six_months() -> None:
    shipped = load_records_retention()
    assert min(shipped.alerts.days, shipped.alert_events.days, shipped.withheld_matches.days) >= 184
    with pytest.raises(ValidationError, match="184"):
        _policy(events=183)
