"""Correlations that compare with a number which the events carry, such as the daily cap of a grant."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import delete

from detection import Matcher
from detection.correlation.models import CorrelationItemRow, CorrelationStateRow
from events import Event, now_ms, timestamp_ms
from fengsui.live_correlator import LiveCorrelator
from store.records import Base, RecordsDatabase

_COUNT = {"type": "value_count", "rules": ["a"], "group-by": ["grant"], "timespan": "1h"}
_COUNT["condition"] = {"field": "who", "gt": 0}


def _bounded(bench: Any, section: dict[str, Any] | None = None, bound: object = "cap") -> dict[str, Any]:  # noqa: ANN401 (fixture)
    return bench.correlation(section or _COUNT) | {"fengsui": {"bound": bound}}


def _events(bench: Any, *flows: tuple[float, str, str, int | None]) -> list[Event]:  # noqa: ANN401 (fixture)
    return [
        bench.event(seconds, "a", grant=grant, who=who, **({} if cap is None else {"cap": cap}))
        for seconds, grant, who, cap in flows
    ]


def test_each_group_is_held_against_its_own_number(bench: Any) -> None:  # noqa: ANN401 (fixture)
    flows = [(at, "small", f"p{at}", 2) for at in range(3)] + [(at, "large", f"p{at}", 3) for at in range(3)]
    found = bench.matches(bench.rules(_bounded(bench)), _events(bench, *flows))
    assert [(second, key, metric) for _, second, key, metric, _ in found] == [(2.0, ("small",), 3)]


def test_the_number_of_the_last_event_counts_and_none_is_no_bound(bench: Any) -> None:  # noqa: ANN401 (fixture)
    rules = bench.rules(_bounded(bench))
    raised = _events(bench, (0, "g", "p0", 1), (1, "g", "p1", 5), (2, "g", "p2", 5))
    assert bench.matches(rules, raised) == []
    lowered = _events(bench, (0, "g", "p0", 5), (1, "g", "p1", 5), (2, "g", "p2", 2))
    assert [second for _, second, *_ in bench.matches(rules, lowered)] == [2.0]
    assert bench.matches(rules, _events(bench, (0, "g", "p0", None), (1, "g", "p1", None))) == []


def test_the_same_person_again_is_no_other(bench: Any) -> None:  # noqa: ANN401 (fixture)
    again = _events(bench, *((at, "g", "one", 2) for at in range(9)))
    assert bench.matches(bench.rules(_bounded(bench)), again) == []


@pytest.mark.parametrize(
    ("section", "bound", "reason"),
    [
        (_COUNT, 5, "must name the event field"),
        ({**_COUNT, "condition": {"field": "who", "gt": 0, "lt": 9}}, "cap", "one number"),
    ],
)
def test_a_bound_that_cant_be_meant_is_told(section: dict[str, Any], bound: object, reason: str, bench: Any) -> None:  # noqa: ANN401 (fixture)
    [unsupported] = bench.rules(_bounded(bench, section, bound)).unsupported
    assert reason in unsupported.reason


def test_a_restart_in_the_middle_of_the_day_changes_nothing(bench: Any, tmp_path: Any) -> None:  # noqa: ANN401 (fixtures)
    records = RecordsDatabase(f"sqlite:///{tmp_path}/records.db")
    Base.metadata.create_all(records.engine)
    rules = bench.rules(_bounded(bench))
    matcher, policy = Matcher(rules, bench.routing), bench.policy(lateness="1s")
    events = _events(bench, (0, "g", "p0", 2), (1, "g", "p1", 2), (2, "g", "p2", 2))
    alerts = 0
    for batch in ([events[0]], [events[1]], [events[2]], _events(bench, (60, "another", "p", 2))):
        live = LiveCorrelator(rules, records, policy, bench.routing)
        live.take(matcher.match(batch), timestamp_ms(str(batch[0]["@timestamp"])) + 1_000)
        with records.begin() as session:
            alerts += len(live.record(session, now_ms()))
    assert alerts == 1
    with records.begin() as session:
        session.execute(delete(CorrelationItemRow))
        session.execute(delete(CorrelationStateRow))
    records.close()
