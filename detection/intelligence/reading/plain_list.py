"""Plain lists, as feeds publish them: one value a line, ``#`` and ``;`` begin a remark."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

from detection.intelligence.reading.gathering import Details, Gathering
from detection.intelligence.reading.text import lines_of

_REMARK = re.compile(r"(?:^|\s)[#;]")


def read_list(file: BinaryIO, gathering: Gathering) -> Iterator[None]:
    """Gather the values of a list, one a step; each line that is none is noted by its number.

    Raises:
        IntelligenceError: the document is not UTF-8.
    """
    lines = (line for ended in lines_of(file) for line in ended.splitlines())
    for number, line in enumerate(lines, start=1):
        value = _REMARK.split(line, maxsplit=1)[0].strip()
        if value:
            gathering.add(value, None, Details(reference=f"line {number}"))
            yield


def check_list(file: BinaryIO) -> None:
    """Read to the end, so that a list that can't be read is refused before anything of it is taken in.

    Raises:
        IntelligenceError: the document is not UTF-8.
    """
    for _ in lines_of(file):
        pass
