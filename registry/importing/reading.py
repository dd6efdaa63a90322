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
_NAMED = 5
"""How many of the columns that no register has are named."""
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
        raise ImportFileError("empty", "the file is empty; fill in the template")
    if len(content) > limits.bytes_maximum:
        most = limits.bytes_maximum >> 20
        raise ImportFileError("too_large", f"the file is larger than {most} MiB; split it", most=most)
    table = _workbook(kind, content) if content.startswith((_ZIP, _OLE)) else _csv(content)
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
            most = limits.rows_maximum
            raise ImportFileError("too_many_rows", f"the file has more than {most} rows; split it", most=most)
        if any(len(cell) > limits.cell_characters_maximum for cell in cells):
            most = limits.cell_characters_maximum
            message = f"row {number}: a cell has more than {most} characters; shorten it"
            raise ImportFileError("long_cell", message, row=number, most=most)
        row = Row(number, {column: cell for column, cell in zip(header, cells, strict=False) if column})
        if not _is_example(kind, row):
            yield row
    if header is None:
        needed = ", ".join(sorted(required_columns(kind)))
        message = f"no header of {kind} in the first rows; it needs at least the columns {needed}"
        raise ImportFileError("no_header", message, columns=required_columns(kind))


def _is_example(kind: ImportKind, row: Row) -> bool:
    """Whether a row is the one that the template shows, by what names it."""
    naming = columns_of(kind)[0]
    return row.cells.get(naming) == registry_labels().registers[kind.value].example[naming]


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
        message = f"the header names {', '.join(twice)} twice; keep one column of each"
        raise ImportFileError("column_twice", message, columns=twice)
    unknown = [cell for cell, column in zip(cells, found, strict=True) if cell and not column]
    missing = sorted(required_columns(kind) - set(named))
    if missing:
        hint = f"; it has {', '.join(unknown[:_NAMED])}, which are no columns of {kind}" if unknown else ""
        message = f"the header lacks {', '.join(missing)}{hint}"
        raise ImportFileError("column_missing", message, columns=missing)
    if unknown:
        names = ", ".join(unknown[:_NAMED])
        raise ImportFileError("unknown_column", f"{names}: no columns of {kind}; remove or rename them", names=names)
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
        message = f"line {reader.line_num}: {error}; check the quotation marks"
        raise ImportFileError("quotation", message, row=reader.line_num) from error


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
    message = "the file is neither UTF-8 nor GB18030 text, nor a workbook; save it as CSV UTF-8 or .xlsx"
    raise ImportFileError("no_table", message)


def _workbook(kind: ImportKind, content: bytes) -> Iterator[list[str]]:
    """The rows of the sheet that is called like the register, else of the first."""
    _check_archive(content)
    label = registry_labels().registers[kind.value].label
    names = {comparable(name) for name in (kind.value, label.zh, label.en)}
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
        named = (place for place, name in enumerate(book.sheet_names) if comparable(name) in names)
        sheet = book.get_sheet_by_index(next(named, 0))
    except python_calamine.PasswordError as error:
        raise ImportFileError("password", "the workbook is protected by a password; save it without one") from error
    except (python_calamine.CalamineError, OSError, ValueError, IndexError) as error:
        message = "the workbook is broken or of another kind; save it anew as .xlsx or CSV"
        raise ImportFileError("broken", message) from error
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
                            message = "the workbook unpacks to far more than its size; save it anew"
                            raise ImportFileError("unpacks_too_far", message)
    except (zipfile.BadZipFile, EOFError, OSError, RuntimeError, NotImplementedError, ValueError) as error:
        raise ImportFileError("broken", "the workbook is cut or broken; save it anew as .xlsx or CSV") from error


def _text(cell: object) -> str:
    """A cell as text: whole numbers without a fraction, dates as ISO 8601; of a formula its stored result alone."""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime | date | time):
        return cell.isoformat()
    return "" if isinstance(cell, timedelta) or cell is None else str(cell).strip()
