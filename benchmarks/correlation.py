"""How many events a second correlations take in, and what memory a million groups need.

Run ``python -m benchmarks.correlation``. Every figure is processor time of one core, the best of three runs, each case
in a process of its own. Matches are made beforehand, so that what is measured is correlation alone: fields looked up,
order restored, windows measured, alerts told. The floor beside it is what reading the same events' JSON costs.
"""

from __future__ import annotations

import gc
import platform
import random
import resource
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import orjson

from detection import Match, Matcher, RuleSet, load_rules
from detection.correlation import CorrelationPolicy, Correlator
from detection.correlation.family import Family
from detection.routing import FieldProfile, Route, RoutingPolicy, Source
from events import Event, format_timestamp

EVENTS = 1_000_000
BATCH = 10_000
_RUNS = 3
_GARBAGE_THRESHOLD = 100_000
"""As the product sets it (``fengsui.detecting``)."""
_START_MS = 1_790_000_000_000
_ROUTING = RoutingPolicy(
    sources=[Source(product="test", fields="plain", routes=[Route(where={"event.dataset": ["test.log"]})])],
    profiles={"plain": FieldProfile(keywords=["message"])},
)
_RULE = """
title: failed
id: failed
name: failed
logsource: {product: test}
detection: {s: {action: failed}, condition: s}
---
title: c
id: c
correlation: {rules: [failed], group-by: [source.ip], timespan: 10m, CORRELATION}
"""
_CASES: dict[str, tuple[str, int, int]] = {
    "event_count, 10,000 groups": ("type: event_count, condition: {gte: 1000000}", 10_000, 1),
    "event_count, each event alerts": ("type: event_count, condition: {gte: 1}", 10_000, 1),
    "value_count, 1,800 values a window": ("type: value_count, condition: {field: user.name, gte: 9999}", 1, 1_800),
    "value_sum, 10,000 groups": ("type: value_sum, condition: {field: bytes, gte: 99999999}", 10_000, 1),
    "value_median, 10,000 groups": ("type: value_median, condition: {field: bytes, gte: 99999999}", 10_000, 1),
    "event_count, a group an event": ("type: event_count, condition: {gte: 2}", EVENTS * 10, 1),
    "value_count, a group an event": ("type: value_count, condition: {field: user.name, gte: 9}", EVENTS * 10, 99),
    "event_count, more groups than held": ("type: event_count, condition: {gte: 3}", EVENTS * 10, 1),
}


def main() -> None:
    """Print events a second and memory for each case."""
    print(f"{platform.processor() or platform.machine()}, Python {platform.python_version()}, {EVENTS} events a case")
    with ProcessPoolExecutor(1, get_context("spawn"), max_tasks_per_child=1) as processes:
        for line in processes.map(_measure, _CASES):
            print(line, flush=True)


def _measure(name: str) -> str:
    """The line of a case."""
    gc.set_threshold(_GARBAGE_THRESHOLD)
    correlation, groups, users = _CASES[name]
    rules = _rules(correlation)
    bound = EVENTS // 10 if name.endswith("than held") else EVENTS
    before = _memory_mb()
    spent = []
    for _ in range(_RUNS):
        seconds, matches, family = _run(rules, groups, users, bound)
        spent.append(seconds)
        held, evicted = sum(family.groups.values()), family.tally.evicted_groups
        del family
    return (
        f"{name:36} {EVENTS / min(spent):9,.0f} events/s  {min(spent) / _floor(groups, users):4.1f} x json  "
        f"{matches:9,} matches  {held:9,} groups  {evicted:9,} evicted  {_memory_mb() - before:5,.0f} MB at most"
    )


def _floor(groups: int, users: int) -> float:
    """Seconds that reading the events' JSON costs, and nothing else."""
    spent = 0.0
    for events in _batches(groups, users):
        lines = [orjson.dumps(event) for event in events]
        started = time.process_time()
        for line in lines:
            orjson.loads(line)
        spent += time.process_time() - started
    return spent


def _rules(correlation: str) -> RuleSet:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rules.yml"
        path.write_text(_RULE.replace("CORRELATION", correlation), encoding="utf-8")
        return load_rules([path], policy=_ROUTING)


def _run(rules: RuleSet, groups: int, users: int, bound: int) -> tuple[float, int, Family]:
    """Seconds spent in correlation, matches found, and what was held."""
    policy = CorrelationPolicy.model_validate(
        {"lateness": "1s", "waiting_events": EVENTS, "groups": bound, "events_a_group": 1_000_000}
    )
    correlator, make = Correlator(rules, policy, _ROUTING), _matches(rules)
    spent, found = 0.0, 0
    for events in _batches(groups, users):
        matches = make(events)
        started = time.process_time()
        found += len(correlator.observe(matches))
        spent += time.process_time() - started
    return spent, found, correlator.families[0]


def _matches(rules: RuleSet) -> Callable[[list[Event]], list[Match]]:
    matcher = Matcher(rules, _ROUTING)
    return matcher.match


def _batches(groups: int, users: int) -> Iterator[list[Event]]:
    """Events of some 600 seconds, slightly out of order."""
    chance = random.Random(1)
    for start in range(0, EVENTS, BATCH):
        yield [
            {
                "event.dataset": "test.log",
                "@timestamp": format_timestamp(_START_MS + at * 600_000 // EVENTS - chance.randrange(500)),
                "event.id": f"{at:032x}",
                "action": "failed",
                "source.ip": f"10.{at % groups}",
                "user.name": f"user{chance.randrange(users)}",
                "bytes": chance.randrange(10_000),
            }
            for at in range(start, start + BATCH)
        ]


def _memory_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
