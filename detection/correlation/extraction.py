"""From a match to an item: the fields that a correlation groups by and measures, found by the rule's own names."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product, repeat
from types import NoneType
from typing import cast

from detection.correlation.item import (
    NO_DETAILS,
    Details,
    Item,
    Key,
    Measured,
    Origin,
    exact,
    folded,
    item_of,
    key_of,
)
from detection.match.text import text_of
from detection.routing import RoutingPolicy, sources_of, vocabulary_of
from detection.rules import Rule
from detection.rules.correlation_rule import NUMERIC, CorrelationRule, Number
from events import Event, Scalar, Value, values_of

_NUMBER = re.compile(r"\s*[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d{1,3})?\s*")
_LONGEST_NUMBER = 64


@dataclass(frozen=True, slots=True)
class Extractor:
    """How the events of one rule become items of one correlation.

    Attributes:
        node: the correlation's place in its family.
        slot: the rule's place among the correlation's references.
        group_by: for each field to group by, the event fields to look at, the first that is there is meant.
        measured: likewise for the fields that are measured.
        carried: likewise for the fields that correlations over this one ask for.
        numeric: whether what is measured are numbers.
        bound: the event fields to look at for the number compared with; empty where the condition has it.
    """

    node: int
    slot: int
    group_by: tuple[Sequence[str], ...]
    measured: tuple[Sequence[str], ...]
    carried: tuple[Sequence[str], ...]
    numeric: bool
    bound: Sequence[str] = ()

    def items(self, events: Sequence[Event], times: Sequence[int]) -> list[Item]:
        """The items that events are; those that lack a field to group by are none."""
        columns = [_text_column(events, names) for names in self.group_by]
        if any(None in column for column in columns):
            whole = [at for at, group in enumerate(zip(*columns, strict=True)) if None not in group]
            return self.items([events[at] for at in whole], [times[at] for at in whole]) if whole else []
        shown, keys = _groups(cast("list[list[str]]", columns), len(events))
        origins = _Origins(self.node, self.slot)
        rows = zip(
            times,
            [event["event.id"] for event in events],
            keys,
            self._values(events) if self.measured else repeat(()),
            [origins[event.get("event.dataset", "")] for event in events],
            repeat(NO_DETAILS) if shown is keys and self._is_plain else map(self._details, events, shown, keys),
            strict=False,  # some never end
        )
        return list(map(item_of, rows))

    @property
    def _is_plain(self) -> bool:
        return not self.carried and not self.bound

    def _details(self, event: Event, shown: Key, key: Key) -> Details:
        spelled = None if shown == key else shown
        details = Details(spelled, self._carried(event), (), self._bound(event))
        return NO_DETAILS if details == NO_DETAILS else details

    def _carried(self, event: Event) -> tuple[tuple[str, ...] | None, ...]:
        return tuple([_texts(event, names) for names in self.carried])

    def _bound(self, event: Event) -> Number | None:
        return next((number for value in _values(event, self.bound) if (number := number_of(value)) is not None), None)

    def _values(self, events: Sequence[Event]) -> Iterable[tuple[Measured, ...]]:
        """What is measured of each event; mostly it is one field with one value of one kind, which goes in one step."""
        if len(self.measured) == 1:
            column = _column(events, self.measured[0])
            kinds = set(map(type, column))
            if self.numeric and kinds == {int}:
                return zip(cast("list[int]", column), strict=True)
            if not self.numeric and kinds == {str}:
                return _folded_alone(cast("list[str]", column))
        return map(self._values_of, events)

    def _values_of(self, event: Event) -> tuple[Measured, ...]:
        given = [_values(event, names) for names in self.measured]
        if self.numeric:
            return tuple(number for value in given[0] if (number := number_of(value)) is not None)
        texts = [[folded(text_of(value)) for value in values if value is not None] for values in given]
        return combinations_of(texts)


class _Origins(dict[Value, Origin]):
    """The origins of an extractor's items by their dataset, each made once."""

    def __init__(self, node: int, slot: int) -> None:
        self._place = node, slot

    def __missing__(self, dataset: Value) -> Origin:
        origin = self[dataset] = Origin(*self._place, str(dataset))
        return origin


def extractor_of(
    correlation: CorrelationRule, place: tuple[int, int], carried: Sequence[str], routing: RoutingPolicy
) -> Extractor:
    """The extractor for one reference of a correlation, which must be a rule.

    Args:
        correlation: the correlation.
        place: its place in its family and the reference's place in it.
        carried: fields that correlations over it ask for, by the names they have in events.
        routing: where fields are found in the events of a logsource.
    """
    node, slot = place
    rule = correlation.references[slot]
    if not isinstance(rule, Rule):
        raise TypeError("an occurrence has no event of its own")

    def candidates(names: Iterable[str]) -> tuple[Sequence[str], ...]:
        return tuple(_candidates(rule, name, routing) for name in names)

    return Extractor(
        node,
        slot,
        candidates(correlation.field_of(slot, name) for name in correlation.group_by),
        candidates(correlation.field_of(slot, name) for name in correlation.condition.fields),
        candidates(carried),
        correlation.type in NUMERIC,
        candidates([correlation.condition.bound])[0] if correlation.condition.bound else (),
    )


def _candidates(rule: Rule, name: str, routing: RoutingPolicy) -> tuple[str, ...]:
    found: list[str] = []
    for source in sources_of(rule.logsource, routing.sources):
        vocabulary = vocabulary_of(source, routing.profiles)
        for route in source.routes:
            found += vocabulary.candidates(name, route.rename)
    return tuple(dict.fromkeys(found)) or (name,)


def number_of(value: Scalar) -> Number | None:
    """A value as an exact number: a number, or a text that is one; None for all else."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, str):
        if len(value) > _LONGEST_NUMBER or _NUMBER.fullmatch(value) is None:
            return None
        number = Fraction(value.strip())
        return int(number) if number.denominator == 1 else number
    return exact(value) if math.isfinite(value) else None


def combinations_of(texts: Sequence[Sequence[str]]) -> tuple[Key, ...]:
    """Every combination of one value of each field, once."""
    return tuple(dict.fromkeys(map(key_of, product(*texts))))


def _folded_alone(column: Iterable[str]) -> Iterable[tuple[str]]:
    """Each text as it compares, as what one event has; equal ones are one object."""
    known = {text: (text.casefold(),) for text in set(column)}
    return map(known.__getitem__, column)


def _groups(columns: Sequence[list[str]], events: int) -> tuple[Sequence[Key], Sequence[Key]]:
    """The group of each event, as its fields are spelled and as it compares; mostly both are the same."""
    if not columns:
        none = [()] * events
        return none, none
    compared = [list(map(str.casefold, column)) for column in columns]
    if len(columns) == 1:
        return columns[0], columns[0] if compared == columns else compared[0]
    shown = list(zip(*columns, strict=True))
    return shown, shown if compared == columns else list(zip(*compared, strict=True))


def _values(event: Event, names: Sequence[str]) -> Sequence[Scalar]:
    for name in names:
        value = event.get(name)
        if value is not None:
            return values_of(value)
    return ()


def _column(events: Sequence[Event], names: Sequence[str]) -> list[Value]:
    """What each event has in the first of the fields that it has; None where it has none."""
    column = [event.get(names[0]) for event in events]
    if len(names) > 1 and None in column:
        return [
            _column([event], names[1:])[0] if value is None else value
            for event, value in zip(events, column, strict=True)
        ]
    return column


def _text_column(events: Sequence[Event], names: Sequence[str]) -> list[str | None]:
    """What each event has in a field, as text, several values joined; None where there is none."""
    column = _column(events, names)
    if set(map(type, column)) <= {str, NoneType}:
        return cast("list[str | None]", column)
    return [value if isinstance(value, str) else joined(value_texts(values_of(value))) for value in column]


def _texts(event: Event, names: Sequence[str]) -> tuple[str, ...] | None:
    texts = value_texts(_values(event, names))
    return tuple(texts) or None


def value_texts(values: Iterable[Scalar]) -> list[str]:
    """The values as rules spell them."""
    return [text_of(value) for value in values if value is not None]


def joined(texts: Iterable[str]) -> str | None:
    """One text for several values, the same whatever their order; None for no value."""
    return ", ".join(sorted(set(texts))) or None
