"""Correlations evaluated as the specification words it, window by window, with no thought of speed.

Sigma correlation rules specification 2.1. A window is all that happened in the ``timespan`` up to an event, both ends
included; it belongs to one group, whose events have the same values (without regard to case) in all ``group-by``
fields; an event that lacks one belongs to none. For conditions with ``not`` the window is the timespan that begins
with an event of a rule that must match. It knows nothing of the product's code.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import combinations
from typing import Any, NamedTuple

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_COMPARE = {
    "gt": lambda a, b: a > b,
    "gte": lambda a, b: a >= b,
    "lt": lambda a, b: a < b,
    "lte": lambda a, b: a <= b,
    "eq": lambda a, b: a == b,
    "neq": lambda a, b: a != b,
}


class Seen(NamedTuple):
    """An event of a rule, or a window of a correlation, with its fields."""

    seconds: float
    id: Any
    rule: str
    fields: tuple[tuple[str, Any], ...]
    members: tuple[Seen, ...] = ()

    def value(self, name: str) -> Any:  # noqa: ANN401 (whatever an event holds)
        return dict(self.fields).get(name)


def evaluate(section: Mapping[str, Any], seen: Iterable[Seen]) -> list[tuple[float, tuple[str, ...], Any]]:
    """(end of window in seconds, group, metric) of every window that satisfies a correlation."""
    groups: dict[tuple[str, ...], list[Seen]] = {}
    for each in seen:
        if each.rule not in section["rules"]:
            continue
        aliases = {alias: names[each.rule] for alias, names in section.get("aliases", {}).items() if each.rule in names}
        values = [each.value(aliases.get(name, name)) for name in section.get("group-by", [])]
        if None not in values:
            groups.setdefault(tuple(str(value).casefold() for value in values), []).append(each)
    found = []
    for key, members in groups.items():
        for end, metric in _windows(section, members):
            found.append((end, key, metric))
    return sorted(set(found))


def _windows(section: Mapping[str, Any], members: Sequence[Seen]) -> Iterator[tuple[float, Any]]:
    span = int(section["timespan"][:-1]) * _UNITS[section["timespan"][-1]]
    condition = section.get("condition") or {"gte": len(section["rules"])}
    if isinstance(condition, str):
        yield from _extended(section, members, span)
        return
    for end in {each.seconds for each in members}:
        window = [each for each in members if end - span <= each.seconds <= end]
        metric = _metric(section, condition, window)
        tests = [(name, number) for name, number in condition.items() if name in _COMPARE]
        if metric is not None and all(_COMPARE[name](metric, Fraction(str(number))) for name, number in tests):
            yield end, metric


def _metric(section: Mapping[str, Any], condition: Mapping[str, Any], window: Sequence[Seen]) -> Fraction | None:
    kind = section["type"]
    if kind == "event_count":
        return Fraction(len({each.id for each in window}))
    if kind == "temporal":
        return Fraction(len({each.rule for each in window}))
    if kind == "temporal_ordered":
        return Fraction(max(n for n in range(len(section["rules"]) + 1) if any(_chains(section["rules"], n, window))))
    if kind == "value_count":
        fields = condition["field"] if isinstance(condition["field"], list) else [condition["field"]]
        values = [tuple(each.value(name) for name in fields) for each in window]
        return Fraction(len({tuple(str(part).casefold() for part in value) for value in values if None not in value}))
    pairs = {(each.id, each.value(condition["field"])) for each in window}
    numbers = sorted(Fraction(str(value)) for _, value in pairs if isinstance(value, int | float))
    return _numeric(kind, condition, numbers) if numbers else None


def _numeric(kind: str, condition: Mapping[str, Any], numbers: Sequence[Fraction]) -> Fraction:
    if kind == "value_sum":
        return sum(numbers, Fraction())
    if kind == "value_avg":
        return sum(numbers, Fraction()) / len(numbers)
    place = Fraction(condition["percentile"] if kind == "value_percentile" else 50) / 100 * (len(numbers) - 1)
    low = numbers[int(place)]
    high = numbers[min(int(place) + 1, len(numbers) - 1)]
    return low + (high - low) * (place - int(place))


def _chains(rules: Sequence[str], length: int, window: Sequence[Seen]) -> Iterator[bool]:
    for chosen in combinations(rules, length):
        times = [-1.0]
        for rule in chosen:
            after = [each.seconds for each in window if each.rule == rule and each.seconds > times[-1]]
            times.append(min(after, default=float("inf")))
        yield times[-1] < float("inf")


def _extended(section: Mapping[str, Any], members: Sequence[Seen], span: int) -> Iterator[tuple[float, Any]]:
    """Each alternative by itself: ``a and not b`` is (a present, b absent)."""
    for present, absent in section["alternatives"]:
        begins = {each.seconds for each in members if each.rule in present}
        ends = {start + span for start in begins} if absent else {each.seconds for each in members}
        for end in ends:
            window = [each for each in members if end - span <= each.seconds <= end]
            rules = {each.rule for each in window}
            ordered = [rule for rule in section["rules"] if rule in present]
            in_order = section["type"] == "temporal" or any(_chains(ordered, len(ordered), window))
            if set(present) <= rules and not set(absent) & rules and in_order:
                yield end, len(present)
