"""An exception withholds just what its filter says, for as long as it lasts, and is tried on the past first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from detection import Matcher, RuleSet
from detection.alerts import Disposition, Grouping, record_matches
from detection.alerts.models import Alert
from detection.rules.filters import apply_filters
from detection.tuning import (
    ExceptedField,
    LiveException,
    Past,
    TunedMatcher,
    TuningError,
    WithheldBy,
    as_yaml,
    filter_document,
    look_back,
    read_filter,
    record_withheld,
    withheld_counts,
    withheld_sample,
)
from events import Event
from store.embedded import EmbeddedEventStore
from store.records import RecordsDatabase

MakeEvent = Callable[..., Event]


def _exception(rules: RuleSet, *fields: tuple[Any, ...], number: str = "e1", expires: int = 1 << 62) -> LiveException:
    document = filter_document(rules.rules[0], [ExceptedField(*each) for each in fields], "Test")
    return LiveException(number, rules.rules[0].id, read_filter(document), expires)


def _raised(matcher: TunedMatcher, events: Sequence[Event], now: int = 0) -> list[tuple[str, str]]:
    return [(match.rule.id, str(match.event["event.id"])) for match in matcher.match(events, now).raised]


_fields = st.dictionaries(
    st.sampled_from(["user.name", "host.name", "c"]),
    st.sampled_from(["root", "ROOT", "web-1", "*", "a?b", "a\\b", "a\\*b", "", "aXb"]),
    min_size=1,
)


@given(
    exceptions=st.lists(_fields, max_size=3),
    events=st.lists(
        st.fixed_dictionaries(
            {"a": st.sampled_from(["x", "y"])},
            optional={
                name: st.sampled_from(["root", "web-1", "*", "a?b", "a\\b", "a\\*b", "aXb", "", ["root", "web-1"]])
                for name in ("user.name", "host.name", "c", "b")
            },
        ),
        max_size=8,
    ),
)
def test_live_equals_the_rules_with_their_filters_and_naive_filtering_afterwards(
    rules: RuleSet, exceptions: list[dict[str, str]], events: list[dict[str, Any]]
) -> None:
    batch: list[Event] = [
        {"@timestamp": "2026-01-01T00:00:00.000Z", "event.id": str(n), "event.dataset": "linux.auth", **fields}
        for n, fields in enumerate(events)
    ]
    live = [_exception(rules, *each.items(), number=str(n)) for n, each in enumerate(exceptions)]
    tuned = TunedMatcher(rules.rules, live)
    filtered = {rule.id: rule for rule in rules.rules}
    for each in live:
        apply_filters(filtered, each.filter)
    by_filter = Matcher(RuleSet(list(filtered.values()), [])).match(batch)
    assert _raised(tuned, batch) == [(match.rule.id, str(match.event["event.id"])) for match in by_filter]

    every = Matcher(rules).match(batch)
    naive = [m for m in every if m.rule.id != "r1" or not any(_fits(each, m.event) for each in exceptions)]
    assert _raised(tuned, batch) == [(match.rule.id, str(match.event["event.id"])) for match in naive]
    withheld = {(each.cause_id, each.event_id) for each in tuned.match(batch, 0).withheld}
    assert withheld == {
        (str(n), str(match.event["event.id"]))
        for match in every
        for n, each in enumerate(exceptions)
        if match.rule.id == "r1" and _fits(each, match.event)
    }


def _fits(fields: dict[str, str], event: Event) -> bool:
    def values(name: str) -> list[Any]:
        held = event.get(name, [])
        return held if isinstance(held, list) else [held]

    return all(value.lower() in [each.lower() for each in values(name)] for name, value in fields.items())


def test_the_document_is_a_sigma_filter_that_reads_back(rules: RuleSet) -> None:
    fields = [ExceptedField("user.name", "a*b"), ExceptedField("c", None), ExceptedField("c", "C:\\x", "startswith")]
    document = filter_document(rules.rules[0], fields, "Backup of web-1")
    read = yaml.safe_load(as_yaml(document))
    assert read["logsource"] == {"product": "linux"}
    assert read["filter"]["rules"] == ["r1"]
    assert read["filter"]["selection"] == {"user.name": "a\\*b", "c": None, "c|startswith": "C:\\\\x"}
    assert read["filter"]["condition"] == "not selection"
    assert read_filter(read) == read_filter(document)


def test_one_field_with_two_values_wants_both(rules: RuleSet, make_event: MakeEvent) -> None:
    matcher = TunedMatcher(rules.rules, [_exception(rules, ("c", "1", "contains"), ("c", "2", "contains"))])
    found = matcher.match([make_event(1, c="1"), make_event(2, c="1 and 2")], 0)
    assert [each.event_id for each in found.withheld] == [f"{2:032x}"]


@pytest.mark.parametrize("fields", [[], [("", "x")], [("a|re", "x")], [("a", "", "contains")]])
def test_what_would_switch_the_rule_off_or_is_no_field_is_refused(rules: RuleSet, fields: list[Any]) -> None:
    with pytest.raises(TuningError):
        _exception(rules, *fields)


def test_an_expired_exception_stops_by_the_time_of_ingest(rules: RuleSet, make_event: MakeEvent, start: int) -> None:
    matcher = TunedMatcher(rules.rules, [_exception(rules, ("user.name", "root"), expires=start + 10)])
    batch = [make_event(1, user__name="root")]
    assert _raised(matcher, batch, start + 9) == []
    assert _raised(matcher, batch, start + 10) == [("r1", f"{1:032x}")]


def test_the_latest_events_are_kept_for_a_successor_but_not_all(rules: RuleSet, make_event: MakeEvent) -> None:
    matcher = TunedMatcher(rules.rules)
    assert matcher.match(matcher.latest, 0).raised == []
    matcher.match([make_event(number) for number in range(5_000)], 0)
    assert len(matcher.latest) == 1_000
    successor = TunedMatcher(rules.rules, [_exception(rules, ("a", "x"))])
    assert len(successor.match(matcher.latest, 0).withheld) == 1_000


def test_a_replay_does_not_double_what_was_withheld(
    records: RecordsDatabase, rules: RuleSet, make_event: MakeEvent, start: int
) -> None:
    matcher = TunedMatcher(rules.rules, [_exception(rules, ("user.name", "root"))], on_trial=["r2"])
    batches = [[make_event(n + k, n + k, user__name="root", b="x") for k in range(5)] for n in (0, 3, 0, 5)]
    for batch in batches:
        with records.begin() as session:
            record_withheld(session, matcher.match(batch, start).withheld)
    with records.read() as session:
        assert withheld_counts(session, WithheldBy.EXCEPTION)["e1"].events == 10
        assert withheld_counts(session, WithheldBy.EXCEPTION)["e1"].last_seen == start + 9
        assert withheld_counts(session, WithheldBy.TEST)["r2"].events == 10
        sample = withheld_sample(session, WithheldBy.EXCEPTION, "e1", 2)
    assert sample == [(start + 9, f"{9:032x}"), (start + 8, f"{8:032x}")]


@pytest.fixture
def past(
    records: RecordsDatabase, events: EmbeddedEventStore, rules: RuleSet, make_event: MakeEvent, start: int
) -> list[str]:
    """Three hosts with an alert each: 4 events, 3 (closed as true positive) and 2; returns the alerts' ids."""
    hosts = {"web-1": 4, "web-2": 3, "web-3": 2}
    numbers = iter(range(100))
    batch = [make_event(next(numbers), host__name=host) for host, count in hosts.items() for _ in range(count)]
    batch.append(make_event(50, host__name="web-1", a="other"))
    events.write(batch)
    updates = Grouping().updates(Matcher(rules).match(batch))
    with records.begin() as session:
        record_matches(session, updates, start)
        by_host = {each.entity["host.name"]: each.alert_id for each in updates}
        alert = session.get_one(Alert, by_host["web-2"])
        alert.state, alert.disposition = "closed", Disposition.TRUE_POSITIVE.value
    return [by_host[host] for host in hosts]


def test_an_exception_is_tried_on_the_past_of_its_rule(
    records: RecordsDatabase, events: EmbeddedEventStore, rules: RuleSet, past: list[str], start: int
) -> None:
    with records.read() as session:
        context = Past(session, events, start + 1000)
        quiet = look_back(rules.rules[0], _exception(rules, ("host.name", "web-1")), context, days=1)
        loud = look_back(rules.rules[0], _exception(rules, ("host.name", "web-", "startswith")), context)
    assert (quiet.matches, quiet.removed, quiet.missing, quiet.complete) == (9, 4, 0, True)
    assert (quiet.alerts, quiet.true_positives) == ([past[0]], [])
    assert (quiet.store.events, quiet.store.matches, quiet.store.removed) == (10, 9, 4)
    assert (loud.removed, loud.true_positives) == (9, [past[1]])
    assert loud.removed_by_disposition == {"": 6, "true_positive": 3}
    assert loud.store.days == 0


def test_events_that_the_store_no_longer_holds_are_counted_as_missing(
    records: RecordsDatabase, events: EmbeddedEventStore, rules: RuleSet, make_event: MakeEvent, past: list[str]
) -> None:
    gone = Matcher(rules).match([make_event(99, host__name="web-1")])
    with records.begin() as session:
        record_matches(session, Grouping().updates(gone), 0)
    with records.read() as session:
        found = look_back(rules.rules[0], _exception(rules, ("host.name", "web-1")), Past(session, events, 0))
    assert past
    assert (found.matches, found.removed, found.missing) == (9, 4, 1)
