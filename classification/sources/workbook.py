"""Sheets of workbooks: xlsx, xlsm, xlsb, xls, ods."""

from __future__ import annotations

import struct
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from classification.sources import workbook_child
from classification.sources.contract import Piece, Resource
from classification.sources.errors import UnreadableError
from classification.sources.policy import WorkbookLimits, scan_policy
from classification.sources.table_rows import batches_of
from classification.sources.values import CellCutter, cut_problem, plain_value

_STOP_SECONDS = 5


def sheets_of(path: Path, name: str) -> Iterator[Resource]:
    """The sheets of a workbook, hidden ones too, named ``{name}#{sheet}``.

    Raises:
        UnreadableError: it is damaged, protected by a password, or larger than policy allows.
    """
    limits = scan_policy().limits.workbook
    if zipfile.is_zipfile(path):
        _check_declared_size(path, limits)
    for sheet in list(_run_child(path, limits)):
        yield Sheet(path, int(sheet["number"]), f"{name}#{sheet['name']}")


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet, opened in a process of its own under limits of memory and time."""

    path: Path
    number: int
    name: str
    comment: str = ""

    def read(self) -> Iterator[Piece]:
        """Its rows.

        Raises:
            UnreadableError: it is damaged, or larger than policy allows.
        """
        limits = scan_policy().limits
        cutter = CellCutter(limits.cell_characters)
        rows = (
            [[plain_value(cell) for cell in row] for row in portion]
            for portion in _run_child(self.path, limits.workbook, str(self.number))
        )
        yield from batches_of(rows, limits, cutter)
        if cutter.cut:
            yield cut_problem(self.name, cutter)


def _run_child(path: Path, limits: WorkbookLimits, *sheet: str) -> Iterator[Any]:
    """What the child process writes, line by line."""
    arguments = (str(path.absolute()), str(limits.memory_bytes), str(limits.seconds), *sheet)
    with _child(arguments) as child:
        if child.stdout is not None:
            yield from map(orjson.loads, child.stdout)
        _check_status(child.wait(), limits)


@contextmanager
def _child(arguments: tuple[str, ...]) -> Iterator[subprocess.Popen[bytes]]:
    child = subprocess.Popen(  # noqa: S603 (this program's own module)
        [sys.executable, "-I", workbook_child.__file__, *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # a library's last words could hold values
    )
    try:
        yield child
    finally:
        child.kill()
        if child.stdout is not None:
            child.stdout.close()
        child.wait(_STOP_SECONDS)


def _check_status(status: int, limits: WorkbookLimits) -> None:
    if status == workbook_child.PASSWORD_STATUS:
        message = "protected by a password; save it without one, or export the sheets as CSV"
        raise UnreadableError(message, "protected")
    if status == workbook_child.DAMAGED_STATUS:
        message = "no whole workbook; open it where it was made and save it again"
        raise UnreadableError(message, "damaged")
    if status != 0:
        wanted = f"more than {limits.memory_bytes >> 20} MiB of memory or {limits.seconds} s"
        message = f"opening it takes {wanted}, or it is damaged; export the sheets as CSV"
        raise UnreadableError(message, "workbook_too_large")


def zip_members(path: Path) -> dict[str, int]:
    """The members of a zip archive with the sizes that they say to have.

    Raises:
        UnreadableError: it is no whole archive.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            return {member.filename: member.file_size for member in archive.infolist()}
    except (
        zipfile.BadZipFile,
        OSError,
        EOFError,
        NotImplementedError,
        RuntimeError,
        ValueError,
        struct.error,
    ) as error:
        message = "no whole workbook or archive; fetch the file again"
        raise UnreadableError(message, "damaged") from error


def _check_declared_size(path: Path, limits: WorkbookLimits) -> None:
    """Refuse at once what says that it unpacks to more than policy allows; the child's limits stop what lies."""
    size = sum(zip_members(path).values())
    if size > limits.expanded_bytes:
        message = f"it unpacks to {size >> 20} MiB, more than a workbook may; check where it comes from"
        raise UnreadableError(message, "workbook_too_large")
