"""Correlation documents: what is refused is told with file, line and fix; references, aliases and ``generate``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from detection import RuleSet, load_rules
from detection.correlation import silent_rules

_GOOD = {"type": "event_count", "rules": ["a"], "timespan": "5m", "condition": {"gte": 2}}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"type": "rare"}, "type 'rare' is none of"),
        ({"rules": ["nobody"]}, "no rule in force has the id or name 'nobody'"),
        ({"rules": None}, "needs the rules it is about"),
        ({"timespan": "5M"}, "timespan '5M' is none"),
        ({"timespan": "0s"}, "timespan '0s' is none"),
        ({"timespan": None}, "timespan 'None' is none"),
        ({"condition": None}, "needs a condition"),
        ({"condition": {"gte": "many"}}, "'gte' must be a number"),
        ({"condition": {"gte": True}}, "'gte' must be a number"),
        ({"condition": {"above": 3}}, "'above' is no comparison"),
        ({"condition": {"field": "f"}}, "compares with nothing"),
        ({"condition": "a and b"}, "needs a condition with a number"),
        ({"type": "value_sum"}, "value_sum needs the field"),
        ({"type": "value_sum", "condition": {"gte": 2, "field": ["f", "g"]}}, "measures one field"),
        ({"type": "value_percentile", "condition": {"gte": 2, "field": "f"}}, "'percentile' must be a number"),
        ({"type": "value_percentile", "condition": {"gte": 2, "field": "f", "percentile": 101}}, "between 0 and 100"),
        ({"type": "temporal", "rules": ["a", "b"], "condition": "a"}, "does not say what of 'b'"),
        ({"type": "temporal", "condition": "not a"}, "can hold where no rule matches"),
        ({"type": "temporal", "rules": ["a", "b"], "condition": "a and b and not a"}, "contradicts itself"),
        ({"type": "temporal", "condition": "a and"}, "condition ends where"),
        ({"aliases": {"x": {"b": "f"}}}, "alias 'x' names 'b'"),
        ({"generate": "yes"}, "'generate' must be true or false"),
        ({"groupby": ["f"]}, "'groupby' is no key of a correlation"),
        ({"rules": ["c"]}, "refers to itself"),
    ],
)
def test_what_cannot_be_evaluated_is_told(change: dict[str, Any], reason: str, bench: Any) -> None:  # noqa: ANN401 (fixture)
    rules: RuleSet = bench.rules(bench.correlation({**_GOOD, **change}))

    assert len(rules.rules) == 3
    assert list(rules.correlations) == []
    [refused] = rules.unsupported
    assert refused.id == "id-c"
    assert reason in refused.reason
    line = refused.path.read_text(encoding="utf-8").splitlines()[refused.line - 1]
    assert line.split(":")[0].strip(" -") in {
        *_GOOD,
        *change,
        "correlation",
        "title",
        "gte",
        "above",
        "field",
        "x",
        "b",
    } | {"percentile"}


def test_a_correlation_over_one_that_cannot_be_evaluated_says_why(bench: Any) -> None:  # noqa: ANN401 (fixture)
    broken = bench.correlation({**_GOOD, "rules": ["nobody"]})
    over = bench.correlation({**_GOOD, "rules": ["c"]}, "over")

    reasons = {each.id: each.reason for each in bench.rules(over, broken).unsupported}

    assert "'c' can't be evaluated: no rule in force has the id or name 'nobody'" in reasons["id-over"]


def test_rules_are_found_by_id_and_name_across_files(bench: Any, tmp_path: Path) -> None:  # noqa: ANN401 (fixture)
    rules = bench.rules()
    for at, section in enumerate([{**_GOOD, "rules": ["id-a"]}, {**_GOOD, "rules": ["a"]}]):
        text = yaml.safe_dump(bench.correlation(section, f"c{at}"))
        (tmp_path / f"0{at}.yml").write_text(text, encoding="utf-8")

    loaded = load_rules([tmp_path, rules.rules[0].path], policy=bench.routing)

    assert loaded.unsupported == []
    assert [each.references[0].id for each in loaded.correlations] == ["id-a", "id-a"]


def test_only_rules_that_no_correlation_lets_speak_are_silent(bench: Any) -> None:  # noqa: ANN401 (fixture)
    rules = bench.rules(
        bench.correlation({**_GOOD, "rules": ["a", "b"]}),
        bench.correlation({**_GOOD, "rules": ["b"], "generate": True}, "loud"),
        bench.correlation({**_GOOD, "rules": ["c"]}, "over"),
    )

    assert silent_rules(rules.correlations) == {"id-a", "id-c"}


def test_aliases_name_different_fields_of_different_rules(bench: Any) -> None:  # noqa: ANN401 (fixture)
    section = {
        "type": "temporal",
        "rules": ["a", "b"],
        "timespan": "10s",
        "group-by": ["inner", "outer"],
        "aliases": {"inner": {"a": "dst", "b": "src"}, "outer": {"a": "src", "b": "dst"}},
    }
    events = [
        bench.event(0, "a", src="o", dst="i"),
        bench.event(1, "b", src="o", dst="i"),
        bench.event(2, "b", src="i", dst="o"),
    ]

    found = bench.matches(bench.rules(bench.correlation(section)), events)

    assert [(end, key) for _, end, key, _, _ in found] == [(2.0, ("i", "o"))]


def test_a_correlation_over_another_uses_its_own_groups(bench: Any) -> None:  # noqa: ANN401 (fixture)
    many = {"type": "event_count", "rules": ["a"], "group-by": ["host"], "timespan": "10s", "condition": {"gte": 3}}
    then = {"type": "temporal_ordered", "rules": ["c", "b"], "group-by": ["user"], "timespan": "1m"}
    rules = bench.rules(bench.correlation(many), bench.correlation(then, "then"))
    failed = [bench.event(at, "a", host="h", user=user) for at, user in enumerate(["u", "v", "u"])]

    found = bench.matches(rules, [*failed, *(bench.event(9, "b", host="x", user=user) for user in "uvw")])

    assert [(name, end, key, len(events)) for name, end, key, _, events in found] == [
        ("then", 9.0, ("u",), 4),
        ("then", 9.0, ("v",), 4),
    ]


def test_both_ends_of_a_range_must_hold(bench: Any) -> None:  # noqa: ANN401 (fixture)
    rules = bench.rules(bench.correlation({**_GOOD, "condition": {"gt": 1, "lte": 3}}))

    found = bench.matches(rules, [bench.event(at, "a") for at in range(5)])

    assert [(end, metric) for _, end, _, metric, _ in found] == [(1.0, 2), (2.0, 3)]
