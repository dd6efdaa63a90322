"""What correlations hold stays within its bounds, and what they leave out for that is counted."""

from __future__ import annotations

from typing import Any

from detection import Matcher
from detection.correlation import Correlator
from events import timestamp_ms

_COUNT = {"type": "event_count", "rules": ["a"], "group-by": ["user"], "timespan": "1h", "condition": {"gte": 2}}


def _correlated(bench: Any, section: dict[str, Any], events: list[Any], **bounds: Any) -> tuple[int, Any]:  # noqa: ANN401 (fixture)
    rules = bench.rules(bench.correlation(section))
    correlator = Correlator(rules, bench.policy(**bounds), bench.routing)
    found = correlator.observe(Matcher(rules, bench.routing).match(events))
    return len([*found, *correlator.finish()]), correlator.families[0].tally


def test_the_stalest_group_is_forgotten_first(bench: Any) -> None:  # noqa: ANN401 (fixture)
    users = ["kept", "stale", "kept", "new", "stale", "kept"]
    events = [bench.event(at, "a", user=user) for at, user in enumerate(users)]

    found, tally = _correlated(bench, _COUNT, events, groups=2)

    assert (found, tally.evicted_groups) == (1, 3)
    assert _correlated(bench, _COUNT, events, groups=3)[0] == 3


def test_a_group_forgets_its_oldest_events(bench: Any) -> None:  # noqa: ANN401 (fixture)
    events = [bench.event(at, "a", user="u") for at in range(10)]
    many = {**_COUNT, "condition": {"gte": 5}}

    assert _correlated(bench, many, events, events_a_group=4)[0] == 0
    found, tally = _correlated(bench, many, events, events_a_group=5)
    assert (found, tally.evicted_events) == (6, 5)


def test_a_burst_at_one_moment_is_bounded_and_not_lost(bench: Any) -> None:  # noqa: ANN401 (fixture)
    events = [{**bench.event(0, "a", user="u"), "event.id": f"{at:03}"} for at in range(200)]

    found, tally = _correlated(bench, {**_COUNT, "condition": {"gte": 70}}, events, events_a_group=70)

    assert (found, tally.evicted_events) == (1, 130)


def test_too_many_waiting_events_are_evaluated_early(bench: Any) -> None:  # noqa: ANN401 (fixture)
    events = [bench.event(at, "a", user="u") for at in range(10)]

    found, tally = _correlated(bench, _COUNT, events, waiting_events=4)

    assert (found, tally.evaluated_early) == (9, 6)


def test_events_without_the_group_are_counted(bench: Any) -> None:  # noqa: ANN401 (fixture)
    events = [bench.event(0, "a", user="u"), bench.event(1, "a"), bench.event(2, "a", user="u")]

    found, tally = _correlated(bench, _COUNT, events)

    assert (found, tally.without_group, tally.observed) == (1, 1, 2)


def test_absence_is_told_within_bounds_too(bench: Any) -> None:  # noqa: ANN401 (fixture)
    absent = {"type": "temporal", "condition": "a and not b", "group-by": ["user"], "timespan": "5s"}
    events = [bench.event(at, "a", user=f"u{at}") for at in range(6)]

    found, tally = _correlated(bench, absent, events, groups=3)

    assert (found, tally.evicted_groups) == (3, 3)


def test_the_oldest_open_window_is_told(bench: Any) -> None:  # noqa: ANN401 (fixture)
    def oldest(section: dict[str, Any], users: str) -> tuple[int, int | None]:
        rules = bench.rules(bench.correlation({**section, "group-by": ["user"]}))
        correlator = Correlator(rules, bench.policy(lateness="1s"), bench.routing)
        events = [bench.event(at, "a", user=user) for at, user in enumerate(users)]
        correlator.observe(Matcher(rules, bench.routing).match(events))
        [family] = correlator.families
        begun = family.oldest_window
        start = timestamp_ms(str(events[0]["@timestamp"]))
        return sum(family.groups.values()), None if begun is None else (begun - start) // 1_000

    assert oldest(_COUNT, "u") == (0, None)
    assert oldest(_COUNT, "uvuvvv") == (2, 0)
    assert oldest({**_COUNT, "timespan": "3s"}, "uvuvvuvvvv") == (2, 2)
    assert oldest({"type": "temporal", "condition": "a and not b", "timespan": "4s"}, "uvwxyzabcdef") == (4, 6)
