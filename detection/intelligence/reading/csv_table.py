"""CSV with a header: ``value`` and, where given, ``type, source, confidence, valid_until, description``."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from typing import BinaryIO

from detection.intelligence.errors import IntelligenceError, NoIndicatorError
from detection.intelligence.reading.document import moment_of
from detection.intelligence.reading.gathering import Details, Gathering
from detection.intelligence.reading.text import lines_of
from detection.intelligence.values import IndicatorType

_COLUMNS = ("value", "type", "source", "confidence", "valid_until", "description")
_MOST_CONFIDENT = 100
_LONGEST_CELL = 1 << 17
_OTHER_NAMES = {"ipv4": "ip", "ipv6": "ip", "cidr": "ip", "md5": "hash", "sha1": "hash", "sha256": "hash"}


def read_csv(file: BinaryIO, gathering: Gathering) -> Iterator[None]:
    """Gather the rows of a table, one a step; each row that gives no indicator is noted by its line.

    Raises:
        IntelligenceError: the header is missing or names an unknown column, or the table is broken.
    """
    for line, row in _rows(file):
        try:
            _read_row(row, f"line {line}", gathering)
        except NoIndicatorError as error:
            gathering.refuse(f"line {line}", str(error))
        yield


def check_csv(file: BinaryIO) -> None:
    """Read to the end, so that a table that is broken is refused before anything of it is taken in.

    Raises:
        IntelligenceError: as ``read_csv``.
    """
    for _ in _rows(file):
        pass


def _rows(file: BinaryIO) -> Iterator[tuple[int, Mapping[str, str]]]:
    """The rows with the numbers of their lines."""
    table = csv.DictReader(lines_of(file), restkey="", restval="", strict=True)
    try:
        names = [name.strip().lower() for name in table.fieldnames or ()]
        _check_header(names)
        table.fieldnames = names
        for row in table:
            _check_cells(row)
            yield table.line_num, row
    except csv.Error as error:
        raise IntelligenceError(f"line {table.reader.line_num}: no valid CSV ({error}); correct the line") from error


def _check_cells(row: Mapping[str, str]) -> None:
    if any(len(cell) > _LONGEST_CELL for cell in row.values()):
        raise csv.Error(f"a cell holds more than {_LONGEST_CELL} characters")


def _check_header(names: list[str]) -> None:
    unknown = [name for name in names if name not in _COLUMNS]
    if "value" not in names or unknown or len(set(names)) != len(names):
        raise IntelligenceError(
            f"line 1: the header must be 'value' with any of {', '.join(_COLUMNS[1:])}, each once; correct it"
        )


def _read_row(row: Mapping[str, str], reference: str, gathering: Gathering) -> None:
    if "" in row:
        raise NoIndicatorError("more cells than the header; quote values that hold commas")
    kind = _type_of(row.get("type", ""))
    confidence = row.get("confidence", "").strip()
    if confidence and not (confidence.isdecimal() and len(confidence) <= 3 and int(confidence) <= _MOST_CONFIDENT):  # noqa: PLR2004 (digits of 100)
        raise NoIndicatorError("confidence is no whole number from 0 to 100; correct it")
    try:
        valid_until = moment_of(row.get("valid_until", ""))
    except ValueError as error:
        raise NoIndicatorError("valid_until is no ISO 8601 time; write 2026-12-31T00:00:00Z") from error
    details = Details(
        reference=reference,
        source=row.get("source", ""),
        confidence=int(confidence) if confidence else None,
        valid_until_ms=valid_until,
        description=row.get("description", ""),
    )
    gathering.add(row["value"], kind, details)


def _type_of(text: str) -> IndicatorType | None:
    name = text.strip().lower()
    try:
        return IndicatorType(_OTHER_NAMES.get(name, name)) if name else None
    except ValueError as error:
        raise NoIndicatorError(f"the type is none of {', '.join(IndicatorType)}; correct it or leave it out") from error
