"""The process that opens a workbook: ``python -I workbook_child.py FILE MEMORY SECONDS [SHEET]``.

A workbook of a few kilobytes can ask for any amount of memory (a sheet is laid out whole, from its first cell to its
last), so it is opened under limits in a process of its own, which loads nothing else. Writes one JSON document a line:
the sheets' names, or portions of the rows of the sheet of a number.
"""

from __future__ import annotations

import resource
import sys
from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import islice
from typing import BinaryIO

import orjson
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError, SheetTypeEnum, ZipError

PASSWORD_STATUS = 3
DAMAGED_STATUS = 4
_PORTION = 2000


def main(path: str, limits: tuple[int, int], sheet: int | None, out: BinaryIO) -> int:
    """Open the workbook under limits (bytes of memory, seconds of processor time); returns an exit status."""
    resource.setrlimit(resource.RLIMIT_AS, (limits[0], limits[0]))
    resource.setrlimit(resource.RLIMIT_CPU, (limits[1], limits[1]))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        with CalamineWorkbook.from_path(path) as workbook:
            documents = _sheets(workbook) if sheet is None else _rows(workbook.get_sheet_by_index(sheet))
            out.writelines(
                orjson.dumps(document, default=_plain, option=orjson.OPT_APPEND_NEWLINE) for document in documents
            )
    except PasswordError:
        return PASSWORD_STATUS
    except (CalamineError, ZipError, OSError, ValueError):
        return DAMAGED_STATUS
    out.flush()
    return 0


def _sheets(workbook: CalamineWorkbook) -> Iterator[object]:
    """Every sheet of cells, hidden ones too, with its number."""
    for number, sheet in enumerate(workbook.sheets_metadata):
        if sheet.typ == SheetTypeEnum.WorkSheet:
            yield {"number": number, "name": sheet.name}


def _rows(sheet: CalamineSheet) -> Iterator[object]:
    rows = sheet.iter_rows()
    while portion := list(islice(rows, _PORTION)):
        yield [_without_empty_end(row) for row in portion]


def _without_empty_end(row: Sequence[object]) -> Sequence[object]:
    end = len(row)
    while end and row[end - 1] == "":
        end -= 1
    return row[:end]


def _line(document: object) -> bytes:
    return orjson.dumps(document, default=_plain, option=orjson.OPT_APPEND_NEWLINE)


def _plain(value: object) -> object:
    return value.total_seconds() if isinstance(value, timedelta) else str(value)


if __name__ == "__main__":
    _path, _memory, _seconds, *_sheet = sys.argv[1:]
    _status = main(_path, (int(_memory), int(_seconds)), int(_sheet[0]) if _sheet else None, sys.stdout.buffer)
    sys.exit(_status)
