"""Text from outside, line by line: a file of a million lines is never in memory as a whole."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from detection.intelligence.errors import IntelligenceError

_BYTE_ORDER_MARK = "\ufeff"


def lines_of(file: BinaryIO) -> Iterator[str]:
    """The lines of a file as text, with their ends.

    Raises:
        IntelligenceError: one is not UTF-8.
    """
    before = 0
    for line in file:
        try:
            text = line.decode("utf-8")
        except UnicodeDecodeError as error:
            place = before + error.start + 1
            raise IntelligenceError(f"byte {place} is not UTF-8; save the file as UTF-8") from error
        yield text if before else text.removeprefix(_BYTE_ORDER_MARK)
        before += len(line)
