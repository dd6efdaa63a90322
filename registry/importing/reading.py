"""Rows out of CSV and Excel files, with care: nothing is evaluated, unpacked or read beyond the limits."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import python_calamine

from registry.comparison import comparable
from registry.errors import ImportFileError
from registry.importing.columns import ImportKind, columns_of, required_columns
from registry.labels import registry_labels
from registry.policy import import_policy

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = b"PK\x03\x04"
_SNIFFED = 65_536
_GUARD = re.compile(r"^'(?=[=+\-@])")
"""Keeps a spreadsheet from taking a text for a formula; exports put it there."""
_HEADER_ROWS = 10
"""A title and remarks may stand above the header."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row: its number in the file, from 1, and its cells by column."""

    number: int
    cells: Mapping[str, str]


def read_rows(kind: ImportKind, content: bytes) -> list[Row]:
    """The rows of a file that are not empty, in order.

    Raises:
        ImportFileError: the file is too large, broken, protected, no table, or lacks a column.
    """
    limits = import_policy()
    if not content.strip(b"\0 \r\n\t"):
        raise ImportFileError("the file is empty; fill in the template")
    if len(content) > limits.bytes_maximum:
        raise ImportFileError(f"the file is larger than {limits.bytes_maximum >> 20} MiB; split it")
    table = _workbook(content) if content.startswith((_ZIP, _OLE)) else _csv(content)
    return list(_rows(kind, table))


def _rows(kind: ImportKind, table: Iterable[list[str]]) -> Iterator[Row]:
    limits, header, taken = import_policy(), None, 0
    for number, cells in enumerate(table, 1):
        if not any(cells):
            continue
        if header is None:
            header = _header(kind, cells)
            if header is None and number >= _HEADER_ROWS:
                break
            continue
        taken += 1
        if taken > limits.rows_maximum:
            raise ImportFileError(f"the file has more than {limits.rows_maximum} rows; split it")
        if any(len(cell) > limits.cell_characters_maximum for cell in cells):
            most = limits.cell_characters_maximum
            raise ImportFileError(f"row {number}: a cell has more than {most} characters; shorten it")
        yield Row(number, {column: cell for column, cell in zip(header, cells, strict=False) if column})
    if header is None:
        needed = ", ".join(sorted(required_columns(kind)))
        raise ImportFileError(f"no header of {kind} in the first rows; it needs at least the columns {needed}")


def _header(kind: ImportKind, cells: list[str]) -> list[str] | None:
    """The columns of a header row ("" where it names none); None where a row is no header.

    Raises:
        ImportFileError: a column stands there twice or is missing.
    """
    spellings = {
        comparable(name): column
        for column, label in registry_labels().registers[kind.value].columns.items()
        for name in (column, label.zh, label.en)
    }
    found = [spellings.get(comparable(cell.rstrip("*")), "") for cell in cells]
    named = [column for column in found if column]
    if not named or (len(named) < 2 and len(columns_of(kind)) > 2):  # noqa: PLR2004 (a title may be called like a column)
        return None
    if twice := sorted({column for column in named if named.count(column) > 1}):
        raise ImportFileError(f"the header names {', '.join(twice)} twice; keep one column of each")
    unknown = [cell for cell, column in zip(cells, found, strict=True) if cell and not column]
    missing = sorted(required_columns(kind) - set(named))
    if missing:
        hint = f"; it has {', '.join(unknown[:5])}, which are no columns of {kind}" if unknown else ""
        raise ImportFileError(f"the header lacks {', '.join(missing)}{hint}")
    if unknown:
        raise ImportFileError(f"{', '.join(unknown[:5])}: no columns of {kind}; remove or rename them")
    return found


def _csv(content: bytes) -> Iterator[list[str]]:
    text = _decoded(content)
    first = text[:_SNIFFED].partition("\n")[0]
    delimiter = max(",\t;", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for cells in reader:
            yield [_GUARD.sub("", cell.strip()) for cell in cells]
    except csv.Error as error:
        raise ImportFileError(f"line {reader.line_num}: {error}; check the quotation marks") from error


def _decoded(content: bytes) -> str:
    """UTF-8 with or without mark, UTF-16 with mark, or GB18030, which Excel in China writes."""
    utf16 = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ("utf-16",) if utf16 else ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise ImportFileError("the file is neither UTF-8 nor GB18030 text, nor a workbook; save it as CSV UTF-8 or .xlsx")


def _workbook(content: bytes) -> Iterator[list[str]]:
    _check_archive(content)
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
        sheet = book.get_sheet_by_index(0)
    except python_calamine.PasswordError as error:
        raise ImportFileError("the workbook is protected by a password; save it without one") from error
    except (python_calamine.CalamineError, OSError, ValueError, IndexError) as error:
        raise ImportFileError("the workbook is broken or of another kind; save it anew as .xlsx or CSV") from error
    for cells in sheet.iter_rows():
        yield [_text(cell) for cell in cells]


def _check_archive(content: bytes) -> None:
    """Refuse what would grow beyond the limits when it is unpacked, by what the archive says and by unpacking."""
    if not content.startswith(_ZIP):
        return
    limits = import_policy()
    most = min(limits.unpacked_bytes_maximum, len(content) * limits.unpacked_ratio_maximum)
    unpacked = 0
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for member in archive.infolist():
                with archive.open(member) as file:
                    while piece := file.read(1 << 20):
                        unpacked += len(piece)
                        if unpacked > most:
                            raise ImportFileError("the workbook unpacks to far more than its size; save it anew")
    except (zipfile.BadZipFile, EOFError, OSError, RuntimeError, NotImplementedError, ValueError) as error:
        raise ImportFileError("the workbook is cut or broken; save it anew as .xlsx or CSV") from error


def _text(cell: object) -> str:
    """A cell as text: whole numbers without a fraction, dates as ISO 8601; of a formula its stored result alone."""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime | date | time):
        return cell.isoformat()
    return "" if isinstance(cell, timedelta) or cell is None else str(cell).strip()
