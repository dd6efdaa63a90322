"""One pattern against one text, for the few patterns that are too long for Hyperscan."""

from __future__ import annotations

from collections.abc import Sequence

from detection.rules.pattern import DASHES, Part, Pattern, Wildcard


def matches(pattern: Pattern, text: str) -> bool:
    """Whether the whole text fits the pattern: the first run at the start, the last at the end, the others between."""
    first, *rest = _runs(pattern)
    if not rest:
        return len(text) == _length(first) and _fits(first, text, 0)
    *middle, last = rest
    position, end = _length(first), len(text) - _length(last)
    if position > end or not _fits(first, text, 0) or not _fits(last, text, end):
        return False
    for run in middle:
        found = _find(run, text, position, end)
        if found < 0:
            return False
        position = found + _length(run)
    return True


def _runs(pattern: Pattern) -> list[list[Part]]:
    """The parts between the ``*``: literals, ``?`` and dashes, each run of a fixed length."""
    runs: list[list[Part]] = [[]]
    for part in pattern.parts:
        if part is Wildcard.MANY:
            runs.append([])
        else:
            runs[-1].append(part)
    return runs


def _length(run: Sequence[Part]) -> int:
    return sum(len(part) if isinstance(part, str) else 1 for part in run)


def _find(run: Sequence[Part], text: str, start: int, end: int) -> int:
    if len(run) == 1 and isinstance(run[0], str):
        return text.find(run[0], start, end)
    return next((at for at in range(start, end - _length(run) + 1) if _fits(run, text, at)), -1)


def _fits(run: Sequence[Part], text: str, at: int) -> bool:
    for part in run:
        if isinstance(part, str):
            if not text.startswith(part, at):
                return False
            at += len(part)
        else:
            if part is Wildcard.DASH and text[at] not in DASHES:
                return False
            at += 1
    return True
