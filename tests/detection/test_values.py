"""What is remembered of values never changes what a rule says of them, and stays within bounds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from detection import Matcher, RuleSet, load_rules
from detection.compile import predicates_of, program_of
from detection.match import field_matcher, memory, ways
from detection.routing import FieldProfile, Route, RoutingPolicy, Source
from detection.rules import Detection
from detection.rules.expression import Predicate, TextTest
from detection.rules.pattern import parse_pattern

Load = Callable[..., RuleSet]

POLICY = RoutingPolicy(
    sources=[Source(product="test", fields="text", routes=[Route(where={"event.dataset": ["test.log"]})])],
    profiles={"text": FieldProfile(keywords=["message", "data.*"])},
)


def _rule(number: int, detection: dict[str, Any]) -> dict[str, Any]:
    return {"title": "T", "id": f"r{number}", "logsource": {"product": "test"}, "detection": detection}


def _event(**fields: object) -> dict[str, Any]:
    return {"event.dataset": "test.log", **fields}


def _found(matcher: Matcher, *events: dict[str, Any]) -> list[list[str]]:
    return [[match.rule.id for match in matcher.match([event])] for event in events]


def test_values_that_python_takes_for_equal_are_told_apart(load: Load) -> None:
    rules = load(
        _rule(0, {"s": {"f": "true"}, "condition": "s"}),
        _rule(1, {"s": {"f": 1}, "condition": "s"}),
        policy=POLICY,
    )
    matcher = Matcher(rules, POLICY)
    values = [1, True, 1.0, "1", "true", [True], [1], 1, True]
    expected = [["r1"], ["r0"], ["r1"], ["r1"], ["r0"], ["r0"], ["r1"], ["r1"], ["r0"]]
    assert _found(matcher, *(_event(f=value, g=1) for value in values)) == expected


@pytest.mark.parametrize(
    ("keyword", "fields", "expected"),
    [
        ("needle", {"message": "a NEEDLE", "data.a": "x"}, True),
        ("needle", {"message": "x", "data.a": ["y", "my needle"]}, True),
        ("needle", {"message": "x", "other": "needle"}, False),
        ("nee*dle", {"message": "nee", "data.a": "dle"}, False),
        ("nee*dle", {"message": "nee", "data.a": "need, dle"}, True),
        ("nee\ndle", {"message": "nee", "data.a": "dle"}, False),
        ("4711", {"message": "x", "data.a": 4711, "data.b": None}, True),
        ("ÄRGER", {"message": "x", "data.a": "ärger"}, True),
        ("kelvin", {"message": "x", "data.a": "\u212aELVIN"}, True),
        ("strasse", {"message": "STRASSE", "data.a": "x"}, True),
    ],
)
def test_a_keyword_is_found_within_one_value(
    load: Load, keyword: str, fields: dict[str, Any], *, expected: bool
) -> None:
    matcher = Matcher(load(_rule(0, {"s": [keyword], "condition": "s"}), policy=POLICY), POLICY)
    assert _found(matcher, _event(**fields)) == [["r0"] if expected else []]


@pytest.mark.parametrize(
    ("item", "text", "expected"),
    [
        ({"|re": "^ab$"}, "ab", True),
        ({"|re": "^ab$"}, "xab", False),
        ({"|cased": "Ab"}, "xAbx", True),
        ({"|cased": "Ab"}, "xabx", False),
    ],
)
def test_a_keyword_may_be_an_expression_or_cased(
    load: Load, item: dict[str, str], text: str, *, expected: bool
) -> None:
    matcher = Matcher(load(_rule(0, {"s": item, "condition": "s"}), policy=POLICY), POLICY)
    assert _found(matcher, _event(message="x", **{"data.a": text})) == [["r0"] if expected else []]


@pytest.mark.parametrize("kind", ["a", "bc", ["x", "a"], ["bd"]])
@pytest.mark.parametrize("dataset", ["test.log", ["test.log"]])
def test_one_or_several_values_take_a_route(load: Load, kind: object, dataset: object) -> None:
    route = Route(where={"event.dataset": ["test.*"], "kind": ["a", "b*"]})
    policy = RoutingPolicy(
        sources=[Source(product="test", fields="text", routes=[route])], profiles={"text": FieldProfile()}
    )
    matcher = Matcher(load(_rule(0, {"s": {"f": "x"}, "condition": "s"}), policy=policy), policy)
    astray = {"event.dataset": dataset, "kind": "c", "f": "x"}
    elsewhere = {"event.dataset": "other", "kind": kind, "f": "x"}
    events = [astray, {"event.dataset": dataset, "kind": kind, "f": "x"}, elsewhere]
    assert _found(matcher, *events, *events) == [[], ["r0"], []] * 2


def test_what_is_remembered_is_dropped_when_it_grows_and_matching_goes_on(
    load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "_REMEMBERED_CHARACTERS", 50_000)
    monkeypatch.setattr(ways, "_REMEMBERED_RESULTS", 50)
    monkeypatch.setattr(ways, "_REMEMBERED_WAYS", 50)
    rules = load(
        _rule(0, {"s": {"f|endswith": "7"}, "t": {"g": None}, "condition": "s and t"}),
        _rule(1, {"s": {"f|contains": "99"}, "condition": "s"}),
        policy=POLICY,
    )
    matcher = Matcher(rules, POLICY)
    for start in range(0, 5_000, 100):
        events = [_event(f=f"value {n}", **{f"only{n % 70}": n}) for n in range(start, start + 100)]
        found = {(match.rule.id, match.event["f"]) for match in matcher.match(events)}
        expected = {("r0", f"value {n}") for n in range(start, start + 100) if n % 10 == 7}
        expected |= {("r1", f"value {n}") for n in range(start, start + 100) if "99" in str(n)}
        assert found == expected
    remembered = sum(each.remembered_characters for m in matcher._memories.values() for each in m._matchers.values())
    assert remembered < 50_000 + 100 * 120
    assert len(matcher._ways._ways) < 50 + 100


def test_long_values_are_matched_and_not_remembered(load: Load) -> None:
    matcher = Matcher(load(_rule(0, {"s": {"f|contains": "needle"}, "condition": "s"}), policy=POLICY), POLICY)
    long = "x" * (field_matcher._LONGEST_REMEMBERED + 1)
    assert _found(matcher, _event(f=long), _event(f=long + "needle"), _event(f=long)) == [[], ["r0"], []]
    assert all(not each.known for m in matcher._memories.values() for each in m._matchers.values())


def test_a_pathological_expression_is_given_up_and_counted(tmp_path: Path) -> None:
    rule = (
        "title: T\nid: r0\nlogsource: {product: test}\ndetection:\n  s:\n    f|re: '^((a|aa)+)+\\2$'\n  condition: s\n"
    )
    (tmp_path / "a.yml").write_text(rule, encoding="utf-8")
    matcher = Matcher(load_rules([tmp_path], policy=POLICY), POLICY)
    assert matcher.match([_event(f="a" * 60 + "b")]) == []
    assert matcher.timeouts == 1
    assert matcher.match([_event(f="aa")]) != []


def test_case_counts_nowhere_in_a_long_text(load: Load) -> None:
    end, shorter = "tail of É".upper(), {"f": ["abc", "x" * 3000]}
    documents = [
        _rule(0, {"s": shorter, "condition": "s"}),
        _rule(1, {"s": {"f|endswith": "lo"}, "condition": "s"}),
        _rule(2, {"s": {"f|endswith": "say hello"}, "condition": "s"}),
        _rule(3, {"s": {"f|contains": "Needle"}, "condition": "s"}),
        _rule(4, {"s": {"f|contains": "y" * 900}, "condition": "s"}),
        _rule(5, {"s": {"f|endswith": "f é"}, "condition": "s"}),
    ]
    matcher = Matcher(load(*documents, policy=POLICY), POLICY)
    long = "Z" * 3000
    values = ["ABC", "X" * 3000, f"{long} SAY HELLO", f"{long}nEEDLE{long}", f"{long}{'Y' * 900}", f"{long}{end}"]
    assert _found(matcher, *(_event(f=value) for value in values)) == [
        ["r0"], ["r0"], ["r1", "r2"], ["r3"], ["r4"], ["r5"],
    ]  # fmt: skip


def test_very_many_rules_are_matched_at_once(load: Load) -> None:
    template = load(_rule(0, {"s": {"f": "x"}, "condition": "s"}), policy=POLICY).rules[0]
    tests = [TextTest(parse_pattern(text)) for n in range(10_000) for text in (f"*\\tool{n}.exe", f"*-run {n} *")]
    rules = [replace(template, id=f"r{n}", detection=Detection(Predicate("f", test))) for n, test in enumerate(tests)]
    matcher = Matcher(RuleSet(rules, []), POLICY)
    values = ["C:\\tool77.EXE", "a -run 77 -x", "c:\\tool77.exe -run 9999 .", "tool"]
    assert _found(matcher, *(_event(f=value) for value in values)) == [["r154"], ["r155"], ["r19999"], []]


def test_predicates_are_numbered_alike_in_every_process(load: Load) -> None:
    values = [f"v{n}" for n in range(50)]
    rules = load(_rule(0, {"s": {"f": values}, "t": {"g|contains": values}, "condition": "s and not t"}), policy=POLICY)
    predicates = [*predicates_of(rules.rules[0].expression)]
    [compiled] = program_of(rules.rules, None).rules.values()
    assert [*compiled.numbering.items()] == [*zip(predicates, range(len(predicates)), strict=True)]
