"""A batch of cells read in one pass: what of an identifier's shape each holds."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from itertools import accumulate, pairwise

from classification.columns.outcomes import Found, Whole, of_parts, of_whole
from classification.text import text_scanner
from classification.text.candidates import Candidate, CandidateScanner
from classification.text.folding import fold
from classification.text.shapes import Shape

_FULL_WIDTH = (b"\xef\xbc", b"\xef\xbd")
_SHORTEST_PROSE = 13
_SURE = 0.75
_NOTHING: frozenset[str] = frozenset()


@cache
def _scanner() -> CandidateScanner:
    return CandidateScanner()


def candidates_of(cells: Sequence[str]) -> dict[int, Found]:
    """What the cells hold that hold anything, by their place; all are read in one pass, each as a line."""
    lines = [cell.replace("\n", " ").encode("utf-8", "replace") for cell in cells]
    data = b"\n".join([b"", *lines, b""])
    if any(mark in data for mark in _FULL_WIDTH):
        lines = [fold(line.decode()).encode() for line in lines]
        data = b"\n".join([b"", *lines, b""])
    breaks = [*accumulate((len(line) + 1 for line in lines), initial=0)]
    following = {start: end + 1 for start, end in pairwise(breaks)}
    matches, others = _scanner().whole_lines(_scanner().scan(data).shapes, following)
    wholes = _wholes(matches, {start: place for place, start in enumerate(breaks)}, lines)
    found = {place: Found.of(of_whole(tuple(shapes)), lines[place]) for place, shapes in wholes.items()}
    for place, candidates in _by_place(_scanner().candidates(data, others, failed=True), breaks).items():
        offset = breaks[place] + 1
        known = [Candidate(offset, offset + len(lines[place]), *whole) for whole in wholes.get(place, ())]
        outcome = of_parts([*known, *_further(candidates, known)], lines[place], offset)
        if outcome.tested:
            found[place] = Found.of(outcome, lines[place])
    return found


def names_in(cells: Sequence[str]) -> dict[int, frozenset[str]]:
    """The kinds of names in the cells that are running Chinese text, by their place, as far as they are sure."""
    found: dict[int, frozenset[str]] = {}
    prose = [place for place, cell in enumerate(cells) if len(cell) >= _SHORTEST_PROSE and not cell.isascii()]
    starts = [0, *accumulate(len(cells[place]) + 1 for place in prose)]
    for hit in text_scanner().find_names("\n".join(cells[place] for place in prose)) if prose else ():
        if hit.confidence >= _SURE:
            place = prose[bisect_right(starts, hit.start) - 1]
            found[place] = found.get(place, _NOTHING) | {hit.category}
    return found


def _wholes(
    matches: Iterable[tuple[int, Shape]], places: Mapping[int, int], lines: Sequence[bytes]
) -> dict[int, list[Whole]]:
    """The shapes that lines have as a whole, by place."""
    found: dict[int, list[Whole]] = {}
    for start, shape in matches:
        place = places[start]
        value = lines[place].decode()
        passed = tuple([test for test in shape.tests if test.check(value)])
        found.setdefault(place, []).append((shape, passed))
    return found


def _by_place(candidates: Iterable[Candidate], breaks: Sequence[int]) -> dict[int, list[Candidate]]:
    found: dict[int, list[Candidate]] = {}
    for candidate in candidates:
        found.setdefault(bisect_right(breaks, candidate.start - 1) - 1, []).append(candidate)
    return found


def _further(candidates: Sequence[Candidate], known: Sequence[Candidate]) -> list[Candidate]:
    """The candidates less those known already."""
    seen = {(each.start, each.end, each.shape) for each in known}
    return [each for each in candidates if (each.start, each.end, each.shape) not in seen]
