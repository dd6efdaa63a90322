"""The compiled engine agrees with a naive evaluator on random rules and events."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from detection import Matcher, RuleSet
from detection.routing import RoutingPolicy

_FIELDS = ("f", "g", "h")
_text = st.text("abAB1é中 -/\\*?.%", max_size=6)
_scalar = st.one_of(
    _text, st.integers(-3, 12), st.booleans(), st.sampled_from(["", "1", "10.0.0.7", "::1", "aB", "ab"])
)
_event = st.fixed_dictionaries(
    {},
    optional={
        **{name: st.one_of(_scalar, st.none(), st.lists(_scalar, min_size=1, max_size=3)) for name in _FIELDS},
        "message": _text,
    },
)
_plain = st.one_of(_scalar, st.none())
_place = st.sampled_from(
    ["contains", "startswith", "endswith", "contains|windash", "cased", "contains|cased", "windash"]
)


def _item(key: st.SearchStrategy[str], value: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[str, Any]]:
    return st.tuples(key, st.one_of(value, st.lists(value, min_size=1, max_size=3)))


_regex = st.sampled_from(["a.", "^[ab]+$", r"\d", "(?!a)b", "é|中", r"(a|b)\1", "a?", r"\\"])
_chains = st.one_of(
    _item(st.just(""), _plain),
    _item(_place, _scalar),
    _item(st.sampled_from(["re", "re|i", "re|s"]), _regex),
    _item(st.just("cidr"), st.sampled_from(["10.0.0.0/8", "::/64", "0.0.0.0/0"])),
    _item(st.sampled_from(["lt", "lte", "gt", "gte"]), st.integers(-2, 11)),
    st.tuples(st.just("exists"), st.booleans()),
    _item(st.sampled_from(["fieldref", "fieldref|contains", "fieldref|startswith"]), st.sampled_from(_FIELDS)),
    _item(st.sampled_from(["base64", "base64offset|contains"]), st.text("ab", min_size=2, max_size=4)),
)
_list_modifier = st.sampled_from(["", "|all", "|neq"])


@st.composite
def _field_item(draw: st.DrawFn) -> tuple[str, Any]:
    field, (chain, value), ending = draw(st.sampled_from(_FIELDS)), draw(_chains), draw(_list_modifier)
    if ending == "|all" and not isinstance(value, list):
        ending = ""
    return f"{field}{'|' if chain else ''}{chain}{ending}", value


_map = st.lists(_field_item(), min_size=1, max_size=3).map(dict)
_keywords = st.lists(_text.filter(bool), min_size=1, max_size=2)
_selection = st.one_of(_map, _map, st.lists(_map, min_size=1, max_size=2), _keywords)
_condition = st.sampled_from(
    [
        "one",
        "not one",
        "one and two",
        "one or two",
        "one and not two",
        "not (one or two) or three",
        "1 of them",
        "all of them",
        "1 of t* and not one",
        "not 1 of t*",
        "all of t* or one",
        "not not one and (two or not three)",
    ]
)
_detection = st.fixed_dictionaries({"one": _selection, "two": _selection, "three": _selection, "condition": _condition})


@settings(max_examples=60)
@given(detections=st.lists(_detection, min_size=1, max_size=3), events=st.lists(_event, min_size=1, max_size=6))
def test_the_engine_agrees_with_the_specification_read_naively(
    load: Callable[..., RuleSet],
    naive: ModuleType,
    test_policy: RoutingPolicy,
    detections: list[dict[str, Any]],
    events: list[dict[str, Any]],
) -> None:
    documents = [
        {"title": "Test", "id": f"r{number}", "logsource": {"product": "test"}, "detection": detection}
        for number, detection in enumerate(detections)
    ]
    rules = load(*documents)
    assert rules.unsupported == []
    routed = [{"event.dataset": "test.log", "event.id": str(number), **event} for number, event in enumerate(events)]
    found = {(match.rule.id, match.event["event.id"]) for match in Matcher(rules, test_policy).match(routed)}
    expected = {
        (f"r{number}", event["event.id"])
        for number, detection in enumerate(detections)
        for event in routed
        if naive.matches(detection, event)
    }
    assert found == expected
