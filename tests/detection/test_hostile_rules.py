"""Nothing in a rule folder brings loading down, and no value of an event brings matching down."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from detection import Matcher, load_rules
from detection.match import memory
from detection.routing import RoutingPolicy
from events import Event

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


@settings(max_examples=150)
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


@settings(max_examples=100)
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


@pytest.fixture
def matcher_of(test_policy: RoutingPolicy, tmp_path: Path) -> Callable[..., Matcher]:
    """A matcher of one rule of these items."""

    def make(*items: str) -> Matcher:
        body = "".join(f"    {item}\n" for item in items)
        rule = f"title: T\nid: t\nlogsource: {{product: test}}\ndetection:\n  s:\n{body}  condition: s\n"
        (tmp_path / "a.yml").write_text(rule, encoding="utf-8")
        rules = load_rules([tmp_path], policy=test_policy)
        assert rules.unsupported == []
        return Matcher(rules, test_policy)

    return make


_PATHOLOGICAL = [
    r"f|re: '^(a+)+$'",
    r"f|re: '^(a|aa)+$'",
    r"f|re: '^((a|aa)+)+\2$'",
    r"f|re: '(.*a){20}(?!b)c'",
    r"f|re|i: '^(\w+\s?)*(?<=x)$'",
    r"f|re: 'a{5000}b'",
]


@pytest.mark.parametrize("item", _PATHOLOGICAL)
@pytest.mark.parametrize("value", ["a" * 40 + "!", "a" * 1_000_000 + "!", "a a " * 5_000 + "!"])
def test_no_expression_holds_matching_up(matcher_of: Callable[..., Matcher], item: str, value: str) -> None:
    """A search takes its tenth of a second at most; what follows is matched all the same."""
    matcher = matcher_of(item)
    started = time.process_time()
    assert matcher.match([{"event.dataset": "test.log", "f": value}]) == []
    assert time.process_time() - started < 20, "it ended"
    assert matcher.timeouts <= 1


_MEGABYTE = "powershell -enc " + "QUJD" * 250_000


@pytest.mark.parametrize(
    ("item", "tail", "found"),
    [
        ("f|contains: needle", "needle", True),
        ("f|endswith: '.exe'", " x.EXE", True),
        ("f|startswith: 'POWERSHELL -enc'", "", True),
        ("f: 'powershell*-enc ?UJD*end'", "end", True),
        ("f|windash|contains: ' -enc '", "", True),
        ("f|re: 'QUJD(?=end$)'", "end", True),
        ("f|base64offset|contains: needle", "bmVlZGxl", True),
        ("f|cidr: 10.0.0.0/8", "10.1.2.3", False),
        ("f|gt: 5", "9", False),
        ("f|cased|contains: NEEDLE", "needle", False),
        ("f|fieldref: g", "", True),
    ],
)
def test_a_command_line_of_a_megabyte_is_matched_by_every_modifier(
    matcher_of: Callable[..., Matcher], item: str, tail: str, *, found: bool
) -> None:
    value = _MEGABYTE + tail
    matched = matcher_of(item).match([{"event.dataset": "test.log", "f": value, "g": value.upper()}])
    assert bool(matched) == found


def test_values_that_never_repeat_take_bounded_memory(
    matcher_of: Callable[..., Matcher], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "_REMEMBERED_CHARACTERS", 200_000)
    matcher = matcher_of("f|contains: needle", "g|endswith: x")
    for start in range(0, 30_000, 1_000):
        events: list[Event] = [
            {"event.dataset": "test.log", "f": f"value {n} needle", "g": f"{n}x"} for n in range(start, start + 1_000)
        ]
        assert len(matcher.match(events)) == 1_000
        remembered = [each.remembered_characters for m in matcher._memories.values() for each in m._matchers.values()]
        assert sum(remembered) <= 200_000 + 1_000 * 300


def test_many_rules_of_every_kind_are_matched_at_once(test_policy: RoutingPolicy, tmp_path: Path) -> None:
    """Thousands of variants of one rule, each with values of its own; each event meets just its own."""
    documents = [
        {
            "title": f"T{n}",
            "id": f"t{n}",
            "logsource": {"product": "test"},
            "detection": {
                "a": {"f|contains": [f"tool{n}.", f"run {n} "], "g|endswith": f"\\{n}.exe"},
                "b": {"h|re": f"^user-{n}$"},
                "condition": "a or b",
            },
        }
        for n in range(3_000)
    ]
    text = yaml.dump_all(documents, Dumper=yaml.CSafeDumper)
    (tmp_path / "many.yml").write_text(text, encoding="utf-8")
    matcher = Matcher(load_rules([tmp_path], policy=test_policy), test_policy)
    events: list[Event] = [
        {"event.dataset": "test.log", "f": "a tool2999.x", "g": "C:\\2999.EXE"},
        {"event.dataset": "test.log", "f": "a tool2999.x", "g": "C:\\299.EXE"},
        {"event.dataset": "test.log", "h": "user-17"},
    ]
    assert [(match.rule.id, events.index(match.event)) for match in matcher.match(events)] == [("t2999", 0), ("t17", 2)]
