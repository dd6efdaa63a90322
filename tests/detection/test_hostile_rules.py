"""Nothing in a rule folder brings loading down, and no value of an event brings matching down."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from detection import Matcher, load_rules
from detection.routing import RoutingPolicy

_scalar = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8), st.dates(), st.binary(max_size=4)
)
_key = st.sampled_from(
    [
        "f",
        "f|contains",
        "f|re",
        "f|cidr|all",
        "f|windash",
        "|all",
        "|re",
        "f|exists",
        "f|base64",
        "f||",
        "condition",
        "f|gt",
    ]
)
_yaml = st.recursive(
    _scalar,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_key | st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)
_document = st.fixed_dictionaries(
    {"title": _scalar, "logsource": st.just({"product": "test"}) | _yaml},
    optional={
        "id": _scalar,
        "level": _scalar,
        "tags": _yaml,
        "fengsui": _yaml,
        "filter": _yaml,
        "action": st.sampled_from(["global", "reset", "repeat"]),
        "detection": st.fixed_dictionaries(
            {"s": _yaml, "condition": st.sampled_from(["s", "1 of s*", "not s"]) | _yaml}
        )
        | _yaml,
    },
)
_value = st.one_of(_scalar.filter(lambda v: not hasattr(v, "year") and not isinstance(v, bytes)), st.text())
_event = st.dictionaries(st.sampled_from(["f", "message", "g"]), _value | st.lists(_value, max_size=3))


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(documents=st.lists(_document, min_size=1, max_size=3), events=st.lists(_event, max_size=3))
def test_any_document_is_a_rule_or_is_reported(
    tmp_path: Path, test_policy: RoutingPolicy, documents: list[Any], events: list[dict[str, Any]]
) -> None:
    path = tmp_path / "any.yml"
    path.write_text(yaml.safe_dump_all(documents), encoding="utf-8")
    rules = load_rules([path], policy=test_policy)
    assert all(each.line >= 1 and each.reason for each in rules.unsupported)
    matcher = Matcher(rules, test_policy)
    matcher.match([{"event.dataset": "test.log", **event} for event in events])


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.binary(max_size=200))
def test_any_bytes_are_read_or_reported(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "any.yml"
    path.write_bytes(data)
    rules = load_rules([path])
    assert rules.rules == []


@pytest.mark.parametrize("text", ["a: " + "[" * 100_000, "a: " + "[" * 50_000 + "]" * 50_000, "{a: " * 50_000])
def test_nesting_without_end_is_reported(tmp_path: Path, text: str) -> None:
    (tmp_path / "deep.yml").write_text(text, encoding="utf-8")
    (unsupported,) = load_rules([tmp_path]).unsupported
    assert unsupported.reason


def test_huge_values_are_matched(test_policy: RoutingPolicy, tmp_path: Path) -> None:
    rule = "title: T\nlogsource: {product: test}\ndetection:\n  s:\n    f|contains: needle\n  condition: s\n"
    (tmp_path / "a.yml").write_text(rule, encoding="utf-8")
    matcher = Matcher(load_rules([tmp_path], policy=test_policy), test_policy)
    huge = "x" * 1_000_000
    events = [{"event.dataset": "test.log", "f": value} for value in (huge, huge + "NEEDLE", "\ud800needle\0")]
    assert [match.event["f"] for match in matcher.match(events)] == [huge + "NEEDLE", "\ud800needle\0"]
