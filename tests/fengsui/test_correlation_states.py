"""People switch correlations off, put them on trial and except from them; it holds from the next batch on."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from audit import Actor
from detection import Matcher, RuleSet, load_rules
from detection.alerts import Alert, record_matches
from detection.authorship import ChangedBy
from detection.lifecycle import RuleState, switch
from detection.routing import FieldProfile, Route, RoutingPolicy, Source
from detection.tuning import (
    ExceptedField,
    ExceptionProposal,
    LiveException,
    WithheldBy,
    approve,
    as_rule,
    filter_document,
    look_back_on,
    propose,
    read_filter,
    withdraw,
    withheld_counts,
)
from events import Event, format_timestamp, now_ms
from fengsui.live_matcher import LiveMatcher
from store.records import RecordsDatabase

_POLICY = RoutingPolicy(
    sources=[Source(product="test", fields="plain", routes=[Route(where={"event.dataset": ["test.log"]})])],
    profiles={"plain": FieldProfile(keywords=["message"])},
)
_RULES = """
title: failed
id: failed
logsource: {product: test}
detection: {s: {kind: failed}, condition: s}
---
title: Many failures
id: many
correlation: {type: event_count, rules: [failed], group-by: [user], timespan: 10s, condition: {gte: 2}}
---
title: Many times many
id: over
correlation: {type: event_count, rules: [many], group-by: [user], timespan: 1h, condition: {gte: 2}}
"""


class Running:
    """Batches of two failures of a user, each an hour and more after the one before."""

    def __init__(self, records: RecordsDatabase, rules: RuleSet) -> None:
        self.records = records
        self.rules = rules
        self.matcher = LiveMatcher(rules, records, _POLICY)
        self.tuned = Matcher(rules, _POLICY)
        self._now = now_ms() - 100_000_000

    def fail_twice(self, user: str, apart_ms: int = 7_200_000) -> None:
        self._now += apart_ms
        for time, batch in ((self._now, [self._event(user, 0), self._event(user, 1)]), (self._now + 600_000, [])):
            self.matcher.correlator.take(self.tuned.match(batch), time)
            with self.records.begin() as session:
                record_matches(session, self.matcher.correlator.record(session, time), time)

    def _event(self, user: str, number: int) -> Event:
        time = self._now + number
        return {
            "event.dataset": "test.log",
            "@timestamp": format_timestamp(time),
            "event.id": f"{user}-{time}",
            "kind": "failed",
            "user": user,
        }

    def switch(self, rule_id: str, state: RuleState) -> None:
        with self.records.begin() as session:
            switch(session, (rule_id, None), state, "tried out", _by())
        assert self.matcher.refresh()

    def alerted(self) -> list[tuple[str, str]]:
        with self.records.read() as session:
            found = session.execute(select(Alert.rule_id, Alert.entity).order_by(Alert.last_seen, Alert.rule_id))
            return [(rule_id, entity["user"]) for rule_id, entity in found]

    def withheld(self, cause: WithheldBy) -> dict[str, int]:
        with self.records.read() as session:
            return {cause_id: each.events for cause_id, each in withheld_counts(session, cause).items()}


@pytest.fixture
def running(tmp_path: Path, empty_records: RecordsDatabase) -> Running:
    path = tmp_path / "rules.yml"
    path.write_text(_RULES, encoding="utf-8")
    rules = load_rules([path], policy=_POLICY)
    assert rules.unsupported == []
    return Running(empty_records, rules)


def test_a_correlation_is_put_on_trial_and_switched_off(running: Running) -> None:
    many = next(each for each in running.rules.correlations if each.id == "many")
    assert not many.generate
    running.switch("over", RuleState.RETIRED)
    running.fail_twice("ann")
    assert running.alerted() == []

    running.switch("over", RuleState.TEST)
    running.fail_twice("bo", 1_000_000)
    running.fail_twice("bo", 1_000_000)
    assert (running.alerted(), running.withheld(WithheldBy.TEST)) == ([], {"over": 1})

    running.switch("over", RuleState.ON)
    running.fail_twice("cy")
    running.fail_twice("cy", 1_000_000)
    assert (running.alerted(), running.withheld(WithheldBy.TEST)) == ([("over", "cy")], {"over": 1})


def test_what_is_off_does_not_count_for_the_correlation_over_it(running: Running) -> None:
    running.switch("many", RuleState.RETIRED)
    running.fail_twice("ann")
    running.fail_twice("ann", 1_000_000)
    assert running.alerted() == []


def test_an_exception_withholds_a_group_and_counts_until_it_ends(running: Running) -> None:
    over = next(each for each in running.rules.correlations if each.id == "over")
    running.fail_twice("ops")
    running.fail_twice("ops", 1_000_000)
    assert running.alerted() == [("over", "ops")]
    document = filter_document(as_rule(over), [ExceptedField("user", "OPS")], "Operators")

    with running.records.begin() as session:
        candidate = LiveException("", "over", read_filter(document), 0)
        past = look_back_on(over, candidate, session)
        proposal = ExceptionProposal(as_rule(over), document, "they do it all day", now_ms() + 86_400_000, past)
        exception = approve(session, propose(session, proposal, _by()).id, _by()).id
    running.matcher.refresh()
    for user in ("ops", "ann"):
        running.fail_twice(user)
        running.fail_twice(user, 1_000_000)

    assert (past.matches, past.removed) == (1, 1)
    assert running.alerted() == [("over", "ops"), ("over", "ann")]
    assert running.withheld(WithheldBy.EXCEPTION) == {exception: 1}

    with running.records.begin() as session:
        withdraw(session, exception, "no longer", _by())
    running.matcher.refresh()
    running.fail_twice("ops")
    running.fail_twice("ops", 1_000_000)
    assert running.alerted()[-1] == ("over", "ops")


def _by() -> ChangedBy:
    return ChangedBy(Actor("user", "lin", "lin"), now_ms())
