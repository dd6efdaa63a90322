"""Why a rule matched: which selections held, through which fields with which values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from detection.compile import Hits
from detection.match.frame import Frame
from detection.match.matcher import Match
from detection.rules.expression import All, Any, Expression, Not, Predicate, ReferenceTest, Selection
from events import Event, Value, values_of


@dataclass(frozen=True, slots=True)
class MatchedField:
    """A field that satisfied part of a rule.

    Attributes:
        selection: the name of the selection within the rule's detection.
        field: the field as the rule names it; None for a keyword.
        event_field: the field of the event; None where the rule asked for its absence.
        value: the value that satisfied it.
    """

    selection: str
    field: str | None
    event_field: str | None
    value: Value


def matched_fields(match: Match) -> list[MatchedField]:
    """What satisfied the rule, in the rule's order and each only once; parts under ``not`` are left out."""
    frame = match.frame
    numbering = frame.memory.program.rules[match.rule].numbering
    explanation = _Explanation(frame, match.event, frame.hits(match.event), numbering)
    found = explanation.fields(match.rule.expression, "")
    return list(dict.fromkeys(found))


@dataclass(frozen=True, slots=True)
class _Explanation:
    frame: Frame
    event: Event
    hits: Hits
    numbering: Mapping[Predicate, int]

    def fields(self, expression: Expression, selection: str) -> Iterator[MatchedField]:
        if isinstance(expression, Selection):
            yield from self.fields(expression.part, expression.name)
        elif isinstance(expression, Predicate):
            if self._holds(expression):
                yield from self._satisfying(expression, selection)
        elif not isinstance(expression, Not):
            for part in expression.parts:
                if self._holds(part):
                    yield from self.fields(part, selection)

    def _holds(self, expression: Expression) -> bool:
        if isinstance(expression, Predicate):
            return self.numbering[expression] in self.hits
        if isinstance(expression, Selection):
            return self._holds(expression.part)
        if isinstance(expression, Not):
            return not self._holds(expression.part)
        join = {All: all, Any: any}[type(expression)]
        return join(self._holds(part) for part in expression.parts)

    def _satisfying(self, predicate: Predicate, selection: str) -> Iterator[MatchedField]:
        keyword = predicate.field is None
        names = self.frame.keyword_fields(self.event) if keyword else self.frame.fields_of(predicate.field, self.event)  # type: ignore[arg-type]  # not None
        if not names:
            yield MatchedField(selection, predicate.field, None, None)
        for name in names:
            for value in values_of(self.event[name]):
                if isinstance(predicate.test, ReferenceTest) or self._value_holds(predicate, value):
                    yield MatchedField(selection, predicate.field, name, value)

    def _value_holds(self, predicate: Predicate, value: Value) -> bool:
        memory = self.frame.memory
        found = memory.hits.sets[memory.matcher(predicate.field).of(value)]
        return self.numbering[predicate] in found
