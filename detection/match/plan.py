"""What is done to every event of one shape: which values are looked up where, and what their hits come to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from operator import getitem, itemgetter
from typing import TypeAlias, cast

from detection.compile import Hits
from detection.match.field_matcher import FieldMatcher, KnownValues
from detection.match.hit_table import HitTable
from detection.match.keywords import KeywordMatcher
from detection.match.text import refers
from detection.rules.expression import ReferenceTest
from detection.rules.rule import Rule
from events import Event, Value, values_of

Getter: TypeAlias = Callable[[Event], tuple[Value, ...]]
_LOOK_UP = cast("Callable[[KnownValues, Value], int]", getitem)
HitNumbers: TypeAlias = tuple[int, ...]
"""The numbers of the sets of predicates that hold: of each column in turn, then of references and keywords."""


@dataclass(frozen=True, slots=True)
class Reference:
    """A test that compares two fields of an event."""

    number: int
    left: str
    right: str
    test: ReferenceTest

    def holds(self, event: Event) -> bool:
        """Whether any value of the left field stands in the relation to any of the right."""
        return any(
            refers(self.test, value, other)
            for value in values_of(event[self.left])
            for other in values_of(event[self.right])
        )


@dataclass(frozen=True, slots=True)
class Columns:
    """The fields to look at, each with its matcher, and what is remembered of their values, in the same order."""

    values: Getter
    matchers: tuple[FieldMatcher, ...]
    known: tuple[KnownValues, ...]

    @classmethod
    def of(cls, columns: Sequence[tuple[str, FieldMatcher]]) -> Columns:
        """The columns of these event fields."""
        matchers = tuple(matcher for _, matcher in columns)
        return cls(getter([name for name, _ in columns]), matchers, tuple(matcher.known for matcher in matchers))


@dataclass(frozen=True, slots=True)
class Plan:
    """Matches the events of one shape against the rules of one frame.

    Attributes:
        columns: the fields that rules name, as far as the shape has them.
        references: comparisons of two fields that the shape has.
        keyword_values, keywords: where unbound values are looked for, and how; None where no rule has any.
        absent: the predicates that hold because the shape lacks their field.
        hits: what the numbers of hit sets stand for.
        evaluate: the rules that a set of predicates satisfies.
        results: the combinations of hits seen before.
    """

    columns: Columns
    references: tuple[Reference, ...]
    keyword_values: Getter
    keywords: KeywordMatcher | None
    absent: Hits
    hits: HitTable
    evaluate: Callable[[Hits], tuple[Rule, ...]]
    results: dict[HitNumbers, tuple[Rule, ...]] = field(default_factory=dict)

    def match(self, event: Event) -> tuple[Rule, ...]:
        """The rules that an event of this shape satisfies."""
        key = self._numbers(event)
        matched = self.results.get(key)
        if matched is None:
            matched = self.results[key] = self.evaluate(self.hits.union(key) | self.absent)
        return matched

    def holding(self, event: Event) -> Hits:
        """All predicates that hold for an event of this shape."""
        return self.hits.union(self._numbers(event)) | self.absent

    def _numbers(self, event: Event) -> HitNumbers:
        columns = self.columns
        values = columns.values(event)
        try:
            numbers = tuple(map(_LOOK_UP, columns.known, values))
        except TypeError:  # a list is no key
            numbers = tuple(
                [
                    matcher.of(value) if isinstance(value, list) else matcher.known[value]
                    for matcher, value in zip(columns.matchers, values, strict=True)
                ]
            )
        if self.references:
            numbers += (self.hits.number(each.number for each in self.references if each.holds(event)),)
        if self.keywords is not None:
            found = self.keywords.hits(self.keyword_values(event))
            numbers += (self.hits.number(found) if found else 0,)
        return numbers


def getter(names: Sequence[str]) -> Getter:
    """A function that gives the values of an event's fields, as fast as Python can."""
    if len(names) > 1:
        return itemgetter(*names)
    if not names:
        return lambda _: ()
    name = names[0]
    return lambda event: (event[name],)
