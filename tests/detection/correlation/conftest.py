"""What the tests of correlation share: simple rules over events of a test dataset, and streams of such events."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from detection import Matcher, RuleSet
from detection.correlation import CorrelationMatch, CorrelationPolicy, Correlator
from detection.routing import RoutingPolicy
from events import Event, Value, format_timestamp

START_MS = 1_790_000_000_000
"""A whole second, so that spans in seconds read well."""
_BOUNDS = {"lateness": "1000s", "waiting_events": 1_000_000, "groups": 100_000, "events_a_group": 100_000}


class Bench:
    """Makes rules, correlations and events, and correlates them with the real engine."""

    def __init__(self, load: Callable[..., RuleSet], routing: RoutingPolicy) -> None:
        self._load = load
        self.routing = routing

    def rules(self, *correlations: dict[str, Any]) -> RuleSet:
        """Correlations with the rules ``a``, ``b`` and ``d``, which find events whose ``kind`` holds their name."""
        return self._load(*(_rule(name) for name in "abd"), *correlations)

    def correlation(self, section: dict[str, Any], name: str = "c") -> dict[str, Any]:
        """A correlation document."""
        return {"title": name, "id": f"id-{name}", "name": name, "correlation": section}

    def event(self, seconds: float, kind: str | list[Any], **fields: Value) -> Event:
        """An event some seconds after the start; its id is made of its content."""
        return {
            "event.dataset": "test.log",
            "@timestamp": format_timestamp(START_MS + int(seconds * 1000)),
            "event.id": f"{seconds}-{kind}-{sorted(fields.items())}",
            "kind": kind,
            **fields,
        }

    def policy(self, **changed: object) -> CorrelationPolicy:
        """A policy with wide bounds, but for those given."""
        return CorrelationPolicy.model_validate({**_BOUNDS, **changed})

    def matches(
        self, rules: RuleSet, events: Sequence[Event], policy: CorrelationPolicy | None = None, batch: int = 1_000
    ) -> list[tuple[Any, ...]]:
        """(correlation, seconds since the start, group, metric, contributing events) of what is found in batches."""
        assert rules.unsupported == []
        matcher = Matcher(rules, self.routing)
        correlator = Correlator(rules, policy or self.policy(), self.routing)
        found: list[CorrelationMatch] = []
        for start in range(0, len(events), batch):
            found += correlator.observe(matcher.match(events[start : start + batch]))
        return _shown([*found, *correlator.finish()])


@pytest.fixture(scope="session")
def bench(load: Callable[..., RuleSet], test_policy: RoutingPolicy) -> Bench:
    """Rules, correlations and events, and the real engine."""
    return Bench(load, test_policy)


@pytest.fixture(scope="session")
def naive_correlation() -> ModuleType:
    """The naive evaluator."""
    path = Path(__file__).with_name("naive_correlation.py")
    spec = importlib.util.spec_from_file_location("naive_correlation", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _rule(name: str) -> dict[str, Any]:
    return {
        "title": name,
        "id": f"id-{name}",
        "name": name,
        "logsource": {"product": "test"},
        "detection": {"s": {"kind": name}, "condition": "s"},
    }


def _shown(matches: Iterable[CorrelationMatch]) -> list[tuple[Any, ...]]:
    return [
        (match.rule.name, (match.time - START_MS) / 1000, match.key, match.metric, match.events) for match in matches
    ]
