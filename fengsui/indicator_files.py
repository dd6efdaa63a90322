"""Files of indicators for a run without a database."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from io import BytesIO
from pathlib import Path

from detection.intelligence import FileWatch, IntelligenceError, NewIndicator, Problem, format_of, stream_indicators
from fengsui.errors import FengsuiError
from fengsui.output import say

_SHOWN_PROBLEMS = 10


def read_watch(paths: Iterable[Path]) -> FileWatch:
    """The indicators of files, each recognized by its content; says which parts of a file gave none.

    Raises:
        FengsuiError: a file can't be read, is as a whole in no known form, or beyond a limit.
    """
    watch = FileWatch(each for path in paths for each in _indicators_of(path))
    say(f"{len(watch)} indicators")
    return watch


def _indicators_of(path: Path) -> Iterator[NewIndicator]:
    """The indicators of a file, part by part, so that a million are never there in full."""
    problems: list[Problem] = []
    unlisted = 0
    try:
        content = path.read_bytes()
        for reading in stream_indicators(BytesIO(content), format_of(content), path.stem):
            yield from reading.indicators
            problems += reading.problems
            unlisted += reading.unlisted
    except (OSError, IntelligenceError) as error:
        raise FengsuiError(f"{path}: {error}") from error
    for problem in problems[:_SHOWN_PROBLEMS]:
        say(f"no indicator: {path}: {problem.reference}: {problem.reason}")
    more = len(problems) + unlisted - _SHOWN_PROBLEMS
    if more > 0:
        say(f"no indicator: {path}: {more} parts more")
