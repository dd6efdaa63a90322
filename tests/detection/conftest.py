"""What the tests of detection share: rules made on the spot and matched by the real engine."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml

from detection import Matcher, RuleSet, load_rules
from detection.routing import FieldProfile, Route, RoutingPolicy, Source

_POLICY = RoutingPolicy(
    sources=[Source(product="test", fields="plain", routes=[Route(where={"event.dataset": ["test.log"]})])],
    profiles={"plain": FieldProfile(keywords=["message"])},
)


@pytest.fixture(scope="session")
def naive() -> ModuleType:
    """The naive evaluator."""
    path = Path(__file__).with_name("naive.py")
    spec = importlib.util.spec_from_file_location("naive_sigma", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def load(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., RuleSet]:
    """Loads rule documents (maps or YAML text) that stand in one file of their own."""
    folder = tmp_path_factory.mktemp("rules")

    def loaded(*documents: dict[str, Any] | str, policy: RoutingPolicy | None = _POLICY) -> RuleSet:
        path = folder / "rules.yml"
        texts = [each if isinstance(each, str) else yaml.safe_dump(each, sort_keys=False) for each in documents]
        path.write_text("\n---\n".join(texts), encoding="utf-8")
        return load_rules([path], policy=policy)

    return loaded


@pytest.fixture(scope="session")
def detects(load: Callable[..., RuleSet]) -> Callable[[dict[str, Any], dict[str, Any]], bool]:
    """Whether a detection section, made a rule, matches an event."""

    def matched(detection: dict[str, Any], event: dict[str, Any]) -> bool:
        rules = load(rule_of(detection))
        assert rules.unsupported == []
        return bool(Matcher(rules, _POLICY).match([{"event.dataset": "test.log", **event}]))

    return matched


@pytest.fixture(scope="session")
def test_policy() -> RoutingPolicy:
    """A policy with one logsource, product ``test``: events of the dataset ``test.log``, names as they stand."""
    return _POLICY


def rule_of(detection: dict[str, Any]) -> dict[str, Any]:
    return {"title": "Test", "id": "t-1", "logsource": {"product": "test"}, "detection": detection}
