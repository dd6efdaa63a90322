"""Files of indicators for a run without a database."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from detection.intelligence import FileWatch, IntelligenceError, NewIndicator, format_of, read_indicators
from fengsui.errors import FengsuiError
from fengsui.output import say

_SHOWN_PROBLEMS = 10


def read_watch(paths: Iterable[Path]) -> FileWatch:
    """The indicators of files, each recognized by its content; says which parts of a file gave none.

    Raises:
        FengsuiError: a file can't be read, is as a whole in no known form, or beyond a limit.
    """
    found: list[NewIndicator] = []
    for path in paths:
        try:
            content = path.read_bytes()
            reading = read_indicators(content, format_of(content), path.stem)
        except (OSError, IntelligenceError) as error:
            raise FengsuiError(f"{path}: {error}") from error
        found += reading.indicators
        for problem in reading.problems[:_SHOWN_PROBLEMS]:
            say(f"no indicator: {path}: {problem.reference}: {problem.reason}")
        more = len(reading.problems) + reading.unlisted - _SHOWN_PROBLEMS
        if more > 0:
            say(f"no indicator: {path}: {more} parts more")
    say(f"{len(found)} indicators")
    return FileWatch(found)
