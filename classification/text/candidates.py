"""Candidates: one Hyperscan pass over the bytes of a text for every expression, then each one's own tests."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import NamedTuple

import hyperscan

from classification.text.context import NearWords
from classification.text.shapes import Shape, Test, load_shapes

_NOWHERE = (0, 0)

Match = tuple[int, int, int]
"""Number of the expression, and the offsets in bytes between which it matched."""


class Expression(NamedTuple):
    """What Hyperscan looks for in UTF-8 bytes; where a match starts is only told if asked for, since that costs."""

    pattern: bytes
    started: bool = True


class Candidate(NamedTuple):
    """A string of some shape, between two offsets in bytes, with the tests of its shape that it passed."""

    start: int
    end: int
    shape: Shape
    passed: tuple[Test, ...]


@dataclass(frozen=True, slots=True)
class Matches:
    """What one pass found: matches of the identifiers' shapes, and of each group of other expressions."""

    shapes: list[Match]
    others: dict[str, list[Match]]


class ExpressionScanner:
    """Many expressions over one text in one pass. Threads may share it; they take turns."""

    def __init__(self, expressions: Sequence[Expression]) -> None:
        self._database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
        self._database.compile(
            expressions=[each.pattern for each in expressions],
            ids=list(range(len(expressions))),
            flags=[hyperscan.HS_FLAG_SOM_LEFTMOST * each.started for each in expressions],
        )
        self._turn = threading.Lock()

    def scan(self, data: bytes, found: Sequence[list[Match]]) -> None:
        """Append every match to the list of its expression, in the order of its end."""
        keep = [matches.append for matches in found]

        def on_match(number: int, start: int, end: int, _flags: int, _context: object) -> None:
            keep[number]((number, start, end))

        with self._turn:
            self._database.scan(data, match_event_handler=on_match)


class CandidateScanner:
    """Candidates of the identifiers' shapes, and where other expressions match; threads may share it."""

    def __init__(self, others: Mapping[str, Sequence[Expression]] | None = None) -> None:
        self._shapes = load_shapes()
        self._others = others or {}
        shapes = [Expression(shape.expression.encode()) for shape in self._shapes]
        self._scanner = ExpressionScanner([*shapes, *chain.from_iterable(self._others.values())])

    def scan(self, data: bytes) -> Matches:
        """What matches in the text: of the identifiers' shapes, and of each group of other expressions."""
        shapes: list[Match] = []
        others: dict[str, list[Match]] = {group: [] for group in self._others}
        found = [shapes] * len(self._shapes)
        for group, members in self._others.items():
            found += [others[group]] * len(members)
        self._scanner.scan(data, found)
        return Matches(shapes, others)

    def whole_lines(
        self, matches: Iterable[Match], lines: Mapping[int, int]
    ) -> tuple[list[tuple[int, Shape]], list[Match]]:
        """Lines that are of a shape as a whole, each as the offset of the break before it, and the other matches.

        Args:
            matches: of the shapes' expressions in a text of which every line has a break before and behind it.
            lines: for the offset of the break before each line, the offset right behind the break after it.
        """
        shapes, whole, others = self._shapes, [], []
        for match in matches:
            shape = shapes[match[0]]
            if shape.bounded and lines.get(match[1]) == match[2]:
                whole.append((match[1], shape))
            else:
                others.append(match)
        return whole, others

    def candidates(
        self, data: bytes, matches: Iterable[Match], *, words: NearWords | None = None, failed: bool = False
    ) -> Iterator[Candidate]:
        """Strings of an identifier's shape.

        Args:
            data: the text.
            matches: of the shapes' expressions in it.
            words: where given, what counts only beside a context word is left out where there is none near.
            failed: also those that pass none of their tests.
        """
        last: dict[int, tuple[int, int]] = {}
        for number, start, end in matches:
            shape = self._shapes[number]
            # An anchor occurs several times in one candidate, such as the colons of an address.
            before = last.get(number, _NOWHERE)
            if shape.anchored and start < before[1]:
                continue
            if words and not shape.alone and not words.near(start, end):
                continue
            extents = shape.extents(data, start, end, before[1])
            if extents is None or extents == before:
                continue
            last[number] = extents
            value = data[extents[0] : extents[1]].decode(errors="replace")
            passed = tuple([test for test in shape.tests if test.check(value)])
            if passed or failed:
                yield Candidate(*extents, shape, passed)
