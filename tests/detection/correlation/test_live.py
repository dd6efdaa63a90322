"""A running process: batches tried again, restarts at any point, and what is told of what is left out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from detection import Matcher, RuleSet
from detection.alerts import Alert, AlertEntity, AlertEvent, record_matches
from detection.correlation.models import CorrelationItemRow, CorrelationStateRow
from detection.correlation.repository import correlation_states
from events import Event, timestamp_ms
from fengsui.live_correlator import LiveCorrelator
from store.records import RecordsDatabase
from tests.servers.records import ENGINES

_TABLES = (AlertEvent, AlertEntity, Alert, CorrelationItemRow, CorrelationStateRow)
_FAILED = {"type": "event_count", "rules": ["a"], "group-by": ["user"], "timespan": "10s", "condition": {"gte": 3}}
_THEN = {"type": "temporal_ordered", "rules": ["c", "b"], "group-by": ["user"], "timespan": "20s"}
_ABSENT = {"type": "temporal", "rules": ["a", "d"], "condition": "a and not d", "timespan": "5s", "group-by": ["user"]}
_VALUES = {"type": "value_sum", "rules": ["b"], "condition": {"gte": 1.1, "field": "v"}, "timespan": "9s"}


@pytest.fixture(scope="module", params=ENGINES)
def records(request: pytest.FixtureRequest) -> Iterator[RecordsDatabase]:
    with request.getfixturevalue(f"{request.param}_records").database() as opened:
        yield opened


class Process:
    """A process that delivers batches, and dies and starts again where it is told to."""

    def __init__(self, records: RecordsDatabase, bench: Any) -> None:  # noqa: ANN401 (the fixture of the conftest)
        self.rules: RuleSet = bench.rules(
            bench.correlation({**_FAILED, "generate": True}),
            bench.correlation({**_THEN, "generate": True}, "then"),
            bench.correlation(_ABSENT, "absent"),
            bench.correlation(_VALUES, "values"),
        )
        self.records = records
        self.matcher = Matcher(self.rules, bench.routing)
        self._bench = bench

    def start(self, lateness: str, *, anew: bool = True) -> None:
        """Start with what the records database holds, or with nothing."""
        if anew:
            with self.records.begin() as session:
                for table in _TABLES:
                    session.execute(delete(table))
        self._lateness = lateness
        policy = self._bench.policy(lateness=lateness)
        self.live = LiveCorrelator(self.rules, self.records, policy, self._bench.routing)

    def die_over(self, batch: Sequence[Event], now: int) -> None:
        """Take a batch in, die before its transaction, and start again."""
        self.live.take(self.matcher.match(batch), now)
        self.start(self._lateness, anew=False)

    def deliver(self, batch: Sequence[Event], now: int) -> None:
        """One batch as the pipeline delivers it."""
        self.live.take(self.matcher.match(batch), now)
        with self.records.begin() as session:
            record_matches(session, self.live.record(session, now), now)

    def fail(self, batch: Sequence[Event], now: int) -> None:
        """A batch whose transaction fails."""
        self.live.take(self.matcher.match(batch), now)
        with Session(self.records.engine) as session:
            record_matches(session, self.live.record(session, now), now)
            session.rollback()

    def alerts(self) -> list[Any]:
        """(rule, count, entity, event) of all alerts."""
        with self.records.read() as session:
            alerts = {
                alert.id: (alert.rule_id, alert.count, str(alert.entity)) for alert in session.scalars(select(Alert))
            }
            rows = session.execute(select(AlertEvent.alert_id, AlertEvent.event_id)).all()
        return sorted((*alerts[alert_id], event_id) for alert_id, event_id in rows)


@pytest.fixture
def process(records: RecordsDatabase, bench: Any) -> Process:  # noqa: ANN401 (as above)
    return Process(records, bench)


_event = st.tuples(
    st.integers(0, 40),
    st.sampled_from("abd"),
    st.fixed_dictionaries({"user": st.sampled_from("uv")}, optional={"v": st.sampled_from([1, 0.1, "1.0", -2, "x"])}),
)


@settings(max_examples=60)
@given(data=st.data())
def test_restarts_and_failures_at_any_point_change_no_alert(
    process: Process,
    bench: Any,  # noqa: ANN401 (as above)
    data: st.DataObject,
) -> None:
    stream, size = data.draw(st.lists(_event, min_size=1, max_size=25)), data.draw(st.integers(1, 4))
    events = sorted(
        [{**bench.event(at, kind, **fields), "event.id": f"e{n}"} for n, (at, kind, fields) in enumerate(stream)],
        key=lambda each: str(each["@timestamp"]),
    )
    batches = [events[start : start + size] for start in range(0, len(events), size)]
    now = _ms(events[-1])
    fates = data.draw(
        st.lists(st.sampled_from(["goes", "fails", "dies"]), min_size=len(batches), max_size=len(batches))
    )

    outcomes = []
    for planned in (["goes"] * len(batches), fates):
        process.start("4s")
        for batch, fate in zip(batches, planned, strict=True):
            if fate == "dies":
                process.die_over(batch, now)
            elif fate == "fails":
                process.fail(batch, now)
            process.deliver(batch, now)
        process.die_over([], now)
        process.deliver([], now)
        process.deliver([], now + 100_000)
        outcomes.append(process.alerts())

    assert outcomes[0] == outcomes[1]


def test_alerts_name_the_group_and_hold_each_contributing_event_once(
    process: Process,
    bench: Any,  # noqa: ANN401 (as above)
) -> None:
    process.start("1s")
    batch = [bench.event(second, "a", user="Root") for second in range(5)] + [bench.event(6, "b", user="root")]
    now = _ms(batch[-1])

    alerting = process.live.alerting(process.matcher.match(batch))
    process.deliver(batch, now)
    process.deliver(batch, now)
    waited = process.live.is_waiting
    process.deliver([], now + 60_000)

    assert [match.rule.name for match in alerting] == ["a"] * 5 + ["b"]
    assert (waited, process.live.is_waiting) == (True, False)
    with process.records.read() as session:
        found = {alert.rule_title: (alert.count, alert.entity) for alert in session.scalars(select(Alert))}
    assert found == {"c": (5, {"user": "Root"}), "then": (6, {"user": "root"}), "absent": (5, {"user": "Root"})}


def test_what_comes_too_late_is_counted_and_left_out(
    process: Process,
    bench: Any,  # noqa: ANN401 (as above)
) -> None:
    process.start("10s")
    in_time = [bench.event(100, "b", user="u", v=0.5), bench.event(90, "b", user="u", v=0.4)]
    now = _ms(in_time[0])

    process.deliver(in_time, now)
    process.deliver([bench.event(89.999, "b", user="u", v=5)], now)
    process.deliver([], now + 60_000)

    with process.records.read() as session:
        assert [state.late for state in correlation_states(session) if "id-values" in state.rule_ids] == [1]
    assert process.alerts() == []


def test_an_event_from_the_future_makes_no_other_late(
    process: Process,
    bench: Any,  # noqa: ANN401 (as above)
) -> None:
    process.start("5s")
    present = [bench.event(second, "a", user="u") for second in range(3)]
    now = _ms(present[-1])

    process.deliver([bench.event(90_000, "a", user="u")], now)
    process.deliver(present, now)
    process.deliver([], now + 30_000)

    assert [(rule_id, count) for rule_id, count, _, _ in process.alerts() if rule_id == "id-c"] == [("id-c", 3)] * 3


def test_what_no_longer_matters_is_not_kept(
    process: Process,
    bench: Any,  # noqa: ANN401 (as above)
) -> None:
    process.start("1s")
    for second in range(0, 3_000, 10):
        batch = [bench.event(second, "b", user=f"u{second}", v=1)]
        process.deliver(batch, _ms(batch[0]))

    with process.records.read() as session:
        kept = session.scalars(select(CorrelationItemRow.time)).all()
    assert max(kept) - min(kept) <= 2 * 30_000 + 1_000
    process.rules = RuleSet(process.rules.rules, [], (), process.rules.correlations[-1:])
    process.start("1s", anew=False)
    with process.records.read() as session:
        assert [state.rule_ids for state in correlation_states(session)] == [["id-values"]]


def _ms(event: Event) -> int:
    return timestamp_ms(str(event["@timestamp"]))
