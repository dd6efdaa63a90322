from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from detection import Matcher, Rule, RuleSet, load_rules
from detection.explanation import Comparison, Explanation, Group, Joint, Node, Reason, explain
from detection.routing import FieldProfile, Route, RoutingPolicy, Source
from events import Event
from fengsui.offline import ReadOptions, read_files

_POLICY = RoutingPolicy(
    sources=[
        Source(
            product="test",
            fields="plain",
            routes=[
                Route(where={"event.dataset": ["test.log"]}),
                Route(where={"event.dataset": ["test.other"], "log.level": ["*"]}, rename={"f": "g"}),
            ],
        )
    ],
    profiles={"plain": FieldProfile(prefixes=["src."], names={"h": ["inner.h"]}, keywords=["message"])},
)


def _rule(load: Callable[..., RuleSet], detection: dict[str, Any]) -> Rule:
    document = {"title": "Test", "id": "r", "logsource": {"product": "test"}, "detection": detection}
    rules = load(document, policy=_POLICY)
    assert rules.unsupported == []
    return rules.rules[0]


def _comparisons(node: Node | None) -> Iterator[Comparison]:
    if isinstance(node, Comparison):
        yield node
    elif isinstance(node, Group):
        for part in node.parts:
            yield from _comparisons(part)


def _told(explanation: Explanation) -> list[Comparison]:
    return [each for route in explanation.routes for each in _comparisons(route.condition)]


def test_says_field_place_value_pattern_and_verdict(load: Callable[..., RuleSet]) -> None:
    rule = _rule(load, {"s": {"h|contains": "evil", "f": "x"}, "condition": "s"})
    explanation = explain(rule, {"event.dataset": "test.log", "inner.h": ["Very EVIL", "good"], "f": "y"}, _POLICY)
    assert not explanation.matched
    assert _told(explanation) == [
        Comparison("h", "contains", "evil", ("inner.h",), ("Very EVIL", "good"), held=True, reason=Reason.HELD),
        Comparison("f", "equals", "x", ("f",), ("y",), held=False, reason=Reason.OTHER_VALUE),
    ]


def test_says_which_parts_of_the_condition_held(load: Callable[..., RuleSet]) -> None:
    rule = _rule(load, {"s": {"f": "x"}, "t": {"h": None}, "condition": "s and not t"})
    explanation = explain(rule, {"event.dataset": "test.log", "f": "x", "inner.h": "there"}, _POLICY)
    tree = explanation.routes[0].condition
    assert explanation.matched
    assert isinstance(tree, Group)
    assert (tree.joint, tree.held) == (Joint.ALL, True)
    assert [(part.joint, part.name, part.held) for part in tree.parts if isinstance(part, Group)] == [
        (Joint.SELECTION, "s", True),
        (Joint.NOT, "", True),
    ]


def test_a_missing_field_is_told_from_another_value(load: Callable[..., RuleSet]) -> None:
    rule = _rule(load, {"s": {"f": "x", "h|fieldref": "k"}, "condition": "s"})
    explanation = explain(rule, {"event.dataset": "test.log", "h": "x"}, _POLICY)
    assert [(each.event_fields, each.reason) for each in _told(explanation)] == [
        ((), Reason.MISSING_FIELD),
        (("h",), Reason.MISSING_FIELD),
    ]


def test_an_event_routed_elsewhere_is_told_by_the_nearest_route(load: Callable[..., RuleSet]) -> None:
    rule = _rule(load, {"s": {"f": "x"}, "condition": "s"})
    explanation = explain(rule, {"event.dataset": "test.strange", "log.level": "info", "g": "x"}, _POLICY)
    assert not explanation.matched
    assert [route.taken for route in explanation.routes] == [False, False]
    nearest = explanation.routes[0]
    assert nearest.conditions[0].values == ("test.strange",)
    assert nearest.conditions[0].held is False
    assert [route.condition is None for route in explanation.routes] == [False, True]


def test_fields_are_read_by_the_names_of_the_route_taken(load: Callable[..., RuleSet]) -> None:
    rule = _rule(load, {"s": {"f": "x"}, "condition": "s"})
    explanation = explain(
        rule, {"event.dataset": "test.other", "log.level": "info", "src.f": "y", "src.g": "x"}, _POLICY
    )
    assert explanation.matched
    assert [each.event_fields for each in _told(explanation)] == [("src.g",)]


def test_keywords_are_looked_for_where_the_policy_says(load: Callable[..., RuleSet]) -> None:
    rule = _rule(load, {"s": ["needle"], "condition": "s"})
    explanation = explain(rule, {"event.dataset": "test.log", "f": "needle", "message": "hay"}, _POLICY)
    assert _told(explanation) == [
        Comparison(None, "contains", "needle", ("message",), ("hay",), held=False, reason=Reason.OTHER_VALUE)
    ]


@pytest.mark.parametrize(
    ("item", "wording"),
    [
        ({"f|endswith": r"a\*b"}, ("endswith", r"a\*b")),
        ({"f|startswith|cased": "Ab"}, ("startswith|cased", "Ab")),
        ({"f|re|i|m": "^a.*"}, ("re|i|m", "^a.*")),
        ({"f|cidr": "10.0.0.0/8"}, ("cidr", "10.0.0.0/8")),
        ({"f|gte": 7}, ("gte", "7")),
        ({"f|hour": 3}, ("hour", "3")),
        ({"f|exists": True}, ("exists", "true")),
        ({"f": None}, ("null", "")),
        ({"f|fieldref|endswith": "g"}, ("fieldref|endswith", "g")),
        ({"f": "a*b?c"}, ("equals", "a*b?c")),
    ],
)
def test_tests_are_worded_as_rules_write_them(
    load: Callable[..., RuleSet], item: dict[str, Any], wording: tuple[str, str]
) -> None:
    explanation = explain(_rule(load, {"s": item, "condition": "s"}), {"event.dataset": "test.log"}, _POLICY)
    assert [(each.modifier, each.pattern) for each in _told(explanation)] == [wording]


def test_long_values_are_cut_and_an_empty_event_is_no_event_of_any_rule(load: Callable[..., RuleSet]) -> None:
    rule = _rule(load, {"s": {"f|contains": "x"}, "condition": "s"})
    told = _told(explain(rule, {"event.dataset": "test.log", "f": "y" * 9_999}, _POLICY))
    assert told[0].values == ("y" * 512,)
    assert [route.condition for route in explain(rule, {}, _POLICY).routes] == [None, None]


_VALUE = st.one_of(st.text("abAB* ", max_size=4), st.integers(-2, 9), st.none(), st.sampled_from(["10.0.0.7", "a b"]))
_EVENT = st.fixed_dictionaries(
    {"event.dataset": st.sampled_from(["test.log", "test.other", "else"])},
    optional={
        name: st.one_of(_VALUE, st.lists(_VALUE, min_size=1, max_size=3))
        for name in ("f", "src.g", "h", "inner.h", "log.level", "message")
    },
)
_ITEM = st.tuples(
    st.sampled_from(["f", "h", "f|contains", "h|startswith", "f|endswith|cased", "f|neq"]),
    st.one_of(st.text("abA*", min_size=1, max_size=3), st.integers(0, 3)),
) | st.sampled_from(
    [("f", None), ("h|exists", False), ("f|re", "^a"), ("f|cidr", "10.0.0.0/8"), ("h|gt", 1), ("f|fieldref", "h")]
)
_SELECTION = st.lists(_ITEM, min_size=1, max_size=2).map(dict) | st.lists(
    st.text("ab", min_size=1, max_size=2), min_size=1, max_size=2
)
_CONDITION = st.sampled_from(["a and not b", "a or b", "not (a and b)", "1 of them", "all of them"])


@settings(max_examples=150)
@given(
    detection=st.fixed_dictionaries({"a": _SELECTION, "b": _SELECTION, "condition": _CONDITION}),
    events=st.lists(_EVENT, min_size=1, max_size=4),
)
def test_agrees_with_the_matcher(load: Callable[..., RuleSet], detection: dict[str, Any], events: list[Event]) -> None:
    rule = _rule(load, detection)
    matcher = Matcher(RuleSet([rule], []), _POLICY)
    for event in events:
        assert explain(rule, event, _POLICY).matched == bool(matcher.match([event]))


@pytest.mark.shared_data
def test_agrees_with_the_matcher_on_recorded_cases(shared_data: Path) -> None:
    """Each case's events against its own rule and against the next case's."""
    cases = sorted((shared_data / "sigma" / "regression_data").rglob("info.yml"))[::3]
    rules = load_rules(sorted((shared_data / "sigma").glob("rules*")))
    by_id = {rule.id: rule for rule in rules.rules}
    wanted = [yaml.safe_load(case.read_text(encoding="utf-8"))["rule_metadata"][0]["id"] for case in cases]
    verdicts = [0, 0]
    for case, own, other in zip(cases, wanted, wanted[1:] + wanted[:1], strict=True):
        logs = [file for file in case.parent.iterdir() if file.suffix in {".evtx", ".json"}]
        chosen = [by_id[own], by_id[other]]
        matcher = Matcher(RuleSet(chosen, []))
        for batch in read_files(logs, ReadOptions(None, None)):
            for event in batch.events[:5]:
                found = {match.rule.id for match in matcher.match([event])}
                for rule in chosen:
                    matched = explain(rule, event).matched
                    assert matched == (rule.id in found)
                    verdicts[matched] += 1
    assert min(verdicts) > 20
