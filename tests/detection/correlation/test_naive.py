"""The engine agrees with a naive evaluator on random correlations and streams, in any order of arrival."""

from __future__ import annotations

from types import ModuleType
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from events import Event, timestamp_ms

_RULES = ("a", "b", "d")
_EXTENDED: list[tuple[str, list[str], list[tuple[list[str], list[str]]]]] = [
    ("a and not b", ["a", "b"], [(["a"], ["b"])]),
    ("a and b and not d", ["a", "b", "d"], [(["a", "b"], ["d"])]),
    ("a and (b or d)", ["a", "b", "d"], [(["a", "b"], []), (["a", "d"], [])]),
    ("a or b and not d", ["a", "b", "d"], [(["a"], []), (["b"], ["d"])]),
    ("not (not a or b)", ["a", "b"], [(["a"], ["b"])]),
]
_value = st.one_of(
    st.none(), st.integers(-3, 9), st.sampled_from([0.5, 2.25]), st.sampled_from(["x", "X", "y", "straße", "STRASSE"])
)
_event = st.tuples(
    st.integers(0, 30),
    st.lists(st.sampled_from(_RULES), min_size=1, max_size=2, unique=True),
    st.fixed_dictionaries({}, optional={"user": st.sampled_from(["u", "U", "v"]), "host": st.just("h"), "v": _value}),
)
_stream = st.lists(_event, max_size=14)
_comparisons = st.dictionaries(
    st.sampled_from(["gt", "gte", "lt", "lte", "eq", "neq"]), st.integers(-1, 4), min_size=1, max_size=2
)


@st.composite
def _section(draw: st.DrawFn) -> dict[str, Any]:
    kind = draw(
        st.sampled_from(
            ["event_count", "value_count", "value_sum", "value_avg", "value_percentile", "value_median"]
            + ["temporal", "temporal_ordered"] * 2
        )
    )
    rules = draw(st.lists(st.sampled_from(_RULES), min_size=1, max_size=3, unique=True))
    section: dict[str, Any] = {"type": kind, "rules": rules, "timespan": f"{draw(st.integers(1, 12))}s"}
    group_by = draw(st.lists(st.sampled_from(["user", "host"]), max_size=2, unique=True))
    if group_by:
        section["group-by"] = group_by
    if kind.startswith("temporal") and draw(st.booleans()):
        text, section["rules"], section["alternatives"] = draw(st.sampled_from(_EXTENDED))
        section["condition"] = text
    elif not kind.startswith("temporal") or draw(st.booleans()):
        section["condition"] = draw(_comparisons)
        if kind == "value_count":
            section["condition"]["field"] = draw(st.sampled_from(["v", ["v", "user"]]))
        elif kind.startswith("value"):
            section["condition"]["field"] = "v"
        if kind == "value_percentile":
            section["condition"]["percentile"] = draw(st.sampled_from([0, 25, 50, 90, 100]))
    return section


def _events(bench: Any, stream: list[Any]) -> list[Event]:  # noqa: ANN401 (the fixture of this folder's conftest)
    return [
        {**bench.event(seconds, kinds, **fields), "event.id": f"e{at}"}
        for at, (seconds, kinds, fields) in enumerate(stream)
    ]


@settings(max_examples=300)
@given(data=st.data())
def test_random_correlations_agree_with_the_naive_evaluator(
    naive_correlation: ModuleType,
    bench: Any,  # noqa: ANN401 (as above)
    data: st.DataObject,
) -> None:
    section, stream = data.draw(_section()), data.draw(_stream)
    rules = bench.rules(bench.correlation(_written(section)))
    seen = [
        naive_correlation.Seen(seconds, f"e{at}", kind, tuple(fields.items()))
        for at, (seconds, kinds, fields) in enumerate(stream)
        for kind in kinds
    ]

    arrived = data.draw(st.permutations(_events(bench, stream)))
    found = bench.matches(rules, arrived, batch=data.draw(st.integers(1, 5)))

    assert sorted((end, key, metric) for _, end, key, metric, _ in found) == naive_correlation.evaluate(section, seen)


@settings(max_examples=150)
@given(data=st.data())
def test_any_order_within_the_lateness_gives_the_same_matches(
    bench: Any,  # noqa: ANN401 (as above)
    data: st.DataObject,
) -> None:
    over = {"type": "event_count", "rules": ["c"], "timespan": "9s", "condition": {"gte": 2}, "group-by": ["user"]}
    section = {**_written(data.draw(_section())), "generate": True}
    rules = bench.rules(bench.correlation(section), bench.correlation({**over, "generate": True}, "over"))
    events = sorted(_events(bench, data.draw(_stream.filter(bool))), key=lambda each: str(each["@timestamp"]))
    lateness = data.draw(st.integers(1, 8))
    policy = bench.policy(lateness=f"{lateness}s")
    delays = data.draw(st.lists(st.integers(0, lateness), min_size=len(events), max_size=len(events)))
    arrived = [event for event, _ in sorted(zip(events, delays, strict=True), key=_arrival)]

    assert sorted(bench.matches(rules, arrived, policy, 1)) == sorted(bench.matches(rules, events, policy, 1))


def _written(section: dict[str, Any]) -> dict[str, Any]:
    """The section as a document has it, without what only the naive evaluator is told."""
    return {key: value for key, value in section.items() if key != "alternatives"}


def _arrival(pair: tuple[Event, int]) -> int:
    """When an event arrives that is some seconds late."""
    return timestamp_ms(str(pair[0]["@timestamp"])) + pair[1] * 1000
