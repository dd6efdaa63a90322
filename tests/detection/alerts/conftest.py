"""A matcher of two rules, and a records database."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from detection import Matcher, RuleSet
from store.records.database import RecordsDatabase


@pytest.fixture
def records(empty_records: RecordsDatabase) -> RecordsDatabase:
    return empty_records


@pytest.fixture(scope="module")
def matcher(load: Callable[..., RuleSet]) -> Matcher:
    def rule(rule_id: str, field: str, level: str, **extra: object) -> dict[str, Any]:
        return {
            "title": f"Rule {rule_id}",
            "id": rule_id,
            "level": level,
            "tags": ["attack.t1059"],
            "logsource": {"product": "linux"},
            "detection": {"s": {field: "x"}, "condition": "s"},
            **extra,
        }

    rules = load(
        rule("r1", "a", "high"),
        rule("r2", "b", "low", fengsui={"entities": ["process.name"], "window": "1h"}),
        policy=None,
    )
    assert rules.unsupported == []
    return Matcher(rules)
