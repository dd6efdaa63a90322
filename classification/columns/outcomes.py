"""What the candidates in a cell come to: the tests that count, those passed, and the categories that follow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from classification.text.candidates import Candidate
from classification.text.context import has_context
from classification.text.shapes import Shape, Test

_PROOF = 1e-3
_LONGEST_NUMBER = 20
_OCTETS = 4
_OUTCOMES_KEPT = 4096

Whole = tuple[Shape, tuple[Test, ...]]
"""A shape that a cell has as a whole, and its tests that the cell passed."""
Tested = tuple[tuple[Test, ...], tuple[Test, ...]]
"""The tests that count for a candidate (where it is the whole cell all of its shape, else those that may stand alone
or have a word that goes with them), and those of them that it passed."""


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """What the candidates of a cell come to; cells that hold the like share one.

    Attributes:
        tested: of each candidate the tests that count, and those passed.
        holds: the categories that it holds.
        fits: those that it holds or at least has the shape of.
        numbered: a category for each test that the whole cell passed.
    """

    tested: tuple[Tested, ...]
    holds: frozenset[str]
    fits: frozenset[str]
    numbered: tuple[str, ...]


class Found(NamedTuple):
    """The outcome of a cell; as a whole its value if it is a number, its greatest octet if it is an address."""

    outcome: Outcome
    number: int | None

    @classmethod
    def of(cls, outcome: Outcome, cell: bytes) -> Found:
        """The outcome with the number that the cell is."""
        return cls(outcome, _number(cell) if outcome.numbered else None)


@lru_cache(maxsize=_OUTCOMES_KEPT)
def of_whole(found: tuple[Whole, ...]) -> Outcome:
    """The outcome of shapes that a cell has as a whole, with the tests passed."""
    proof = _proof([passed for _, passed in found])
    tested = tuple((shape.tests, _counting(shape.tests, passed, proof)) for shape, passed in found)
    return _outcome(tested, tuple(test.category for _, passed in tested for test in passed))


def of_parts(candidates: Sequence[Candidate], cell: bytes, offset: int) -> Outcome:
    """The outcome of candidates of which some are only part of their cell."""
    by_place: dict[tuple[int, int], list[tuple[Test, ...]]] = {}
    for each in candidates:
        by_place.setdefault((each.start, each.end), []).append(each.passed)
    tested: list[Tested] = []
    numbered: list[str] = []
    for each in candidates:
        whole = each.end - each.start == len(cell)
        tests = each.shape.tests if whole else _standing(each, cell, offset)
        passed = _counting(tests, each.passed, _proof(by_place[each.start, each.end]))
        if tests:
            tested.append((tests, passed))
            numbered += [test.category for test in passed if whole]
    return _outcome(tuple(tested), tuple(numbered))


@lru_cache(maxsize=_OUTCOMES_KEPT)
def _outcome(tested: tuple[Tested, ...], numbered: tuple[str, ...]) -> Outcome:
    holds = frozenset(test.category for _, passed in tested for test in passed)
    return Outcome(tested, holds, frozenset(test.category for tests, _ in tested for test in tests), numbered)


def _proof(passed: Sequence[tuple[Test, ...]]) -> str | None:
    """The category that candidates in one place are proven to be."""
    proven = [next((test.category for test in tests if test.pattern.chance <= _PROOF), None) for tests in passed]
    return next((category for category in reversed(proven) if category is not None), None)


def _counting(tests: Sequence[Test], passed: tuple[Test, ...], proof: str | None) -> tuple[Test, ...]:
    """Of the tests those passed; what is proven to be one thing passes for nothing else."""
    return tuple([test for test in tests if test in passed and proof in {None, test.category}])


def _standing(candidate: Candidate, cell: bytes, offset: int) -> tuple[Test, ...]:
    """The tests that count within longer text, as in any text."""
    start, end = candidate.start - offset, candidate.end - offset
    if start < 0 or end > len(cell):
        return ()
    text, first, last = cell.decode(), start, end
    if len(text) < len(cell):
        first = len(cell[:start].decode())
        last = first + len(cell[start:end].decode())
    return tuple(t for t in candidate.shape.tests if t.pattern.alone or has_context(t.category, text, first, last))


def _number(cell: bytes) -> int | None:
    if cell.isdigit():
        return int(cell) if len(cell) <= _LONGEST_NUMBER else None
    octets = cell.split(b".")
    return max(map(int, octets)) if len(octets) == _OCTETS and all(octet.isdigit() for octet in octets) else None
