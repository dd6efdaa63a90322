"""A batch of cells read in one pass: what of an identifier's shape each holds."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from functools import cache
from itertools import accumulate
from typing import NamedTuple

from classification.text import text_scanner
from classification.text.candidates import Candidate, CandidateScanner
from classification.text.context import has_context
from classification.text.folding import fold
from classification.text.shapes import Test

_PROOF = 1e-3
_FULL_WIDTH = (b"\xef\xbc", b"\xef\xbd")
_LONGEST_NUMBER = 20
_SHORTEST_PROSE = 13
_SURE = 0.75
_OCTETS = 4


class Found(NamedTuple):
    """A candidate within a cell.

    Attributes:
        tests: those that count for it: where it is the whole cell all of its shape, else those that may stand alone
            or have a word that goes with them.
        passed: those of them that it passed.
        number: where it is the whole cell, its value if it is a number, its greatest octet if it is an address.
    """

    tests: tuple[Test, ...]
    passed: tuple[Test, ...]
    number: int | None


@cache
def _scanner() -> CandidateScanner:
    return CandidateScanner()


def candidates_of(cells: Sequence[str]) -> dict[int, list[Found]]:
    """What the cells hold that hold anything, by their place."""
    encoded = [cell.replace("\n", " ").encode("utf-8", "replace") for cell in cells]
    data = b"\n".join(encoded)
    if any(mark in data for mark in _FULL_WIDTH):
        encoded = [fold(cell.decode()).encode() for cell in encoded]
        data = b"\n".join(encoded)
    starts = [0, *accumulate(len(cell) + 1 for cell in encoded)]
    candidates: dict[int, list[Candidate]] = {}
    for candidate in _scanner().candidates(data, _scanner().scan(data).shapes, failed=True):
        candidates.setdefault(bisect_right(starts, candidate.start) - 1, []).append(candidate)
    return {place: _weighed(found, encoded[place], starts[place]) for place, found in candidates.items()}


def names_in(cells: Sequence[str]) -> dict[int, set[str]]:
    """The kinds of names in the cells that are running Chinese text, by their place, as far as they are sure."""
    found: dict[int, set[str]] = {}
    prose = [place for place, cell in enumerate(cells) if len(cell) >= _SHORTEST_PROSE and not cell.isascii()]
    starts = [0, *accumulate(len(cells[place]) + 1 for place in prose)]
    for hit in text_scanner().find_names("\n".join(cells[place] for place in prose)) if prose else ():
        if hit.confidence >= _SURE:
            found.setdefault(prose[bisect_right(starts, hit.start) - 1], set()).add(hit.category)
    return found


def _weighed(candidates: list[Candidate], cell: bytes, offset: int) -> list[Found]:
    proven = {
        (candidate.start, candidate.end): test.category
        for candidate in candidates
        for test in reversed(candidate.passed)
        if test.pattern.chance <= _PROOF
    }
    found: list[Found] = []
    for candidate in candidates:
        whole = candidate.end - candidate.start == len(cell)
        tests = candidate.shape.tests if whole else _standing(candidate, cell, offset)
        proof = proven.get((candidate.start, candidate.end))
        passed = tuple(test for test in tests if test in candidate.passed and proof in {None, test.category})
        if tests:
            found.append(Found(tests, passed, _number(cell) if whole else None))
    return found


def _standing(candidate: Candidate, cell: bytes, offset: int) -> tuple[Test, ...]:
    """The tests that count within longer text, as in any text."""
    start, end = candidate.start - offset, candidate.end - offset
    if start < 0 or end > len(cell):
        return ()
    text, first = cell.decode(), len(cell[:start].decode())
    last = first + len(cell[start:end].decode())
    return tuple(t for t in candidate.shape.tests if t.pattern.alone or has_context(t.category, text, first, last))


def _number(cell: bytes) -> int | None:
    if cell.isdigit():
        return int(cell) if len(cell) <= _LONGEST_NUMBER else None
    octets = cell.split(b".")
    return max(map(int, octets)) if len(octets) == _OCTETS and all(octet.isdigit() for octet in octets) else None
