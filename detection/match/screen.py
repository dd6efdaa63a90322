"""Records looked at before they are normalized: whether any rule may match what they will become.

A screen never says that a record is quiet when it is not; where it can't tell, the record is normalized and matched
as any other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from operator import getitem
from typing import Any, TypeAlias, cast

from detection.compile import Hits
from detection.match.converted_values import UNSURE, ConvertedValues
from detection.match.field_matcher import KnownValues
from detection.match.hit_table import HitTable
from detection.match.plan import Getter, HitNumbers, Reference, getter
from detection.match.raw_text import RawTexts
from events import Proof

Document: TypeAlias = dict[str, Any]
Known: TypeAlias = KnownValues | ConvertedValues
_LOOK_UP = cast("Callable[[Known, Any], int]", getitem)


class Verdicts(dict[HitNumbers, bool]):
    """``verdicts[numbers]`` is whether any rule holds for the predicates of these hit sets; remembered."""

    def __init__(self, hits: HitTable, held: Hits, matches: Callable[[Hits], bool]) -> None:
        self._hits = hits
        self._held = held
        self._matches = matches

    def number(self, hits: Iterable[int]) -> int:
        """The number of a set of predicates that hold."""
        return self._hits.number(hits)

    def __missing__(self, numbers: HitNumbers) -> bool:
        """Evaluate the rules for a combination that is not remembered."""
        verdict = self[numbers] = UNSURE in numbers or self._matches(self._hits.union(numbers) | self._held)
        return verdict


@dataclass(frozen=True, slots=True)
class FrameScreen:
    """Screens the documents of one outline for the rules of one frame.

    Attributes:
        values, known: the values of a document that rules look at, and what is remembered of them.
        references: comparisons of two values, by their names in the document.
        verdicts: whether any rule holds.
        keywords: unbound values of rules, looked for in the whole record; None where there are none.
    """

    values: Getter
    known: tuple[Known, ...]
    references: tuple[Reference, ...]
    verdicts: Verdicts
    keywords: RawTexts | None

    def is_quiet(self, document: Document, raw: bytes) -> bool:
        """Whether certainly no rule of the frame matches."""
        numbers = tuple(map(_LOOK_UP, self.known, self.values(document)))
        if self.references:
            numbers += (self.verdicts.number(each.number for each in self.references if each.holds(document)),)
        return not (self.verdicts[numbers] or (self.keywords is not None and self.keywords.may_occur(raw)))


class Screen:
    """Screens the documents of one outline for all rules. Not for several threads at once."""

    def __init__(self, proof: Proof, frames: tuple[FrameScreen, ...]) -> None:
        self._times = getter(proof.names)
        self._is_timed = proof.holds
        self._frames = frames

    def is_quiet(self, document: Document, raw: bytes) -> bool:
        """Whether a document certainly becomes an event that no rule matches."""
        if not self._is_timed(*self._times(document)):
            return False
        for frame in self._frames:  # noqa: SIM110 (a generator costs more than the screen)
            if not frame.is_quiet(document, raw):
                return False
        return True

    @property
    def remembered(self) -> int:
        """How many combinations of values are remembered."""
        return sum(len(frame.verdicts) for frame in self._frames)

    def forget(self) -> None:
        """Drop the verdicts remembered, as the numbers they stand for are given anew."""
        for frame in self._frames:
            frame.verdicts.clear()
