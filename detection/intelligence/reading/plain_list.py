"""Plain lists, as feeds publish them: one value a line, ``#`` and ``;`` begin a remark."""

from __future__ import annotations

import re

from detection.intelligence.reading.gathering import Details, Gathering
from detection.intelligence.reading.text import decoded

_REMARK = re.compile(r"(?:^|\s)[#;]")


def read_list(content: bytes, gathering: Gathering) -> None:
    """Gather the values of a list; each line that is none is noted by its number.

    Raises:
        IntelligenceError: the document is not UTF-8.
    """
    for number, line in enumerate(decoded(content).splitlines(), start=1):
        value = _REMARK.split(line, maxsplit=1)[0].strip()
        if value:
            gathering.add(value, None, Details(reference=f"line {number}"))
