"""What an outline tells about the fields that rules name: enough to screen documents by, or not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from detection.compile import Hits
from detection.match.field_matcher import FieldMatcher
from detection.match.keywords import KeywordMatcher
from detection.match.plan import Reference
from detection.match.raw_text import RawTexts
from detection.match.screen import Known
from detection.rules.expression import ReferenceTest
from events import Outline


class UnclearError(Exception):
    """The outline does not tell enough: the events have to be made."""


@dataclass(frozen=True, slots=True)
class ScreenedField:
    """A field that rules name: where its value is in the document, or the predicates that hold for it in all."""

    column: tuple[str, Known] | None
    held: Hits


def screened_field(outline: Outline, candidates: Sequence[str], matcher: FieldMatcher) -> ScreenedField:
    """How a field is looked at of which events may have some of these candidates; the first that is there is meant.

    Raises:
        UnclearError: it may be a field of which the value is not told.
    """
    possible = outline.possible(candidates)
    first = possible[0]
    if first in outline.constants:
        return ScreenedField(None, matcher.satisfied(outline.constants[first]))
    origin = outline.origins.get(first)
    if origin is None:
        raise UnclearError(first)
    if origin.convert is None:
        return ScreenedField((origin.name, matcher.known), frozenset())
    return ScreenedField((origin.name, matcher.converted(origin.convert, is_last=len(possible) == 1)), frozenset())


def screened_references(
    outline: Outline, candidates: Mapping[str, Sequence[str]], references: Iterable[tuple[int, str, ReferenceTest]]
) -> tuple[Reference, ...]:
    """The comparisons of two fields that documents have, by their names there.

    Raises:
        UnclearError: one compares a field of which the value is not told, or is written otherwise in the event.
    """
    found = []
    for number, field, test in references:
        left, right = outline.possible(candidates[field]), outline.possible(candidates[test.field])
        if left and right:
            found.append(Reference(number, _as_it_stands(outline, left[0]), _as_it_stands(outline, right[0]), test))
    return tuple(found)


def raw_keywords(outline: Outline, fields: Sequence[str], keywords: KeywordMatcher) -> RawTexts | None:
    """What looks in the raw record for keywords that may be in these fields; None where there are no fields.

    Raises:
        UnclearError: the text of a field may not be in the record as such, or a keyword can't be looked for there.
    """
    for field in fields:
        if field not in outline.origins or not outline.origins[field].is_verbatim:
            raise UnclearError(field)
    if fields and keywords.raw is None:
        raise UnclearError("keywords")
    return keywords.raw if fields else None


def _as_it_stands(outline: Outline, field: str) -> str:
    origin = outline.origins.get(field)
    if origin is None or origin.convert is not None:
        raise UnclearError(field)
    return origin.name
