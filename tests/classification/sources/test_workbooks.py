"""Workbooks: every sheet, hidden ones too; damaged, locked and hostile ones are told and harm nothing."""

from __future__ import annotations

import datetime as dt
import zipfile
from collections.abc import Callable, Generator
from pathlib import Path

import openpyxl
import pytest

from classification.sources import Problem, open_source
from tests.classification.sources.reading import read_file, read_source

_OLE_HEADER = bytes.fromhex("d0cf11e0a1b11ae1")


def _workbook(path: Path) -> Path:
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    assert sheet is not None
    sheet.title = "人员"
    for row in (
        ["市直单位人员信息表"],
        ["姓名", "电话", "入职", "身份证号"],
        ["张伟", 13800000001, dt.date(2020, 1, 2), "'x"],
        ["李娜", 13800000002.0, None, None],
    ):
        sheet.append(row)
    hidden = workbook.create_sheet("备份")
    hidden.sheet_state = "veryHidden"
    hidden.append(["mail"])
    hidden.append(["a@example.cn"])
    workbook.create_sheet("空")
    workbook.save(path)
    return path


def test_every_sheet_is_read_with_values_as_typed(tmp_path: Path) -> None:
    path = _workbook(tmp_path / "book.xlsx")
    found, problems = read_source(open_source(str(path)))
    assert (problems, [*found]) == ([], [f"{path}#人员", f"{path}#备份", f"{path}#空"])
    people = found[f"{path}#人员"].columns
    assert people["电话"] == [13800000001, 13800000002]
    assert [value for value in people["姓名"] if value] == ["市直单位人员信息表", "张伟", "李娜"]
    assert people["入职"][0] == "2020-01-02"
    assert found[f"{path}#备份"].columns["mail"] == ["a@example.cn"]
    assert not found[f"{path}#空"].columns


def test_a_workbook_is_known_by_its_content(tmp_path: Path) -> None:
    path = _workbook(tmp_path / "book.xlsx").rename(tmp_path / "book.csv")
    assert len(read_source(open_source(str(path)))[0]) == 3


def _cut(path: Path) -> None:
    path.write_bytes(_workbook(path).read_bytes()[:2000])


def _other_archive(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.txt", "x")


def _no_sheets(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("xl/workbook.xml", "<no")


def _false_ole(path: Path) -> None:
    path.write_bytes(_OLE_HEADER + bytes(2000))


def _bomb(path: Path) -> None:
    """Says that it unpacks to more than a workbook may."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        for number in range(2):
            archive.writestr(f"xl/worksheets/sheet{number}.xml", bytes(1 << 20))
            archive.infolist()[-1].file_size = 3 << 30


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (_cut, "no whole workbook or archive"),
        (_other_archive, "no workbook; unpack it"),
        (_no_sheets, "no whole workbook; open it where it was made"),
        (_false_ole, "no whole workbook; open it where it was made"),
        (_bomb, "it unpacks to 6144 MiB, more than a workbook may"),
    ],
)
def test_what_can_not_be_opened_is_told(tmp_path: Path, make: Callable[[Path], object], told: str) -> None:
    path = tmp_path / "book.xlsx"
    make(path)
    found, [problem] = read_source(open_source(str(path)))
    assert not found
    assert told in problem


def test_a_password_is_told(tmp_path: Path) -> None:
    msoffcrypto = pytest.importorskip("msoffcrypto.format.ooxml", reason="needs msoffcrypto-tool to lock a workbook")
    path = tmp_path / "locked.xlsx"
    with _workbook(tmp_path / "open.xlsx").open("rb") as plain, path.open("wb") as locked:
        msoffcrypto.OOXMLFile(plain).encrypt("secret", locked)
    assert read_source(open_source(str(path))) == (
        {},
        ["protected by a password; save it without one, or export the sheets as CSV"],
    )


def test_a_sheet_that_asks_for_all_memory_is_refused(tmp_path: Path) -> None:
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    assert sheet is not None
    sheet["A1"], sheet["XFD1048576"] = "x", "y"
    workbook.save(tmp_path / "vast.xlsx")
    told = read_file(tmp_path / "vast.xlsx").broken
    assert told is not None
    assert told.startswith("opening it takes more than 2048 MiB of memory")


def test_a_long_sheet_is_left_early_without_a_trace(tmp_path: Path) -> None:
    workbook = openpyxl.Workbook(write_only=True)
    sheet = workbook.create_sheet("long")
    for number in range(30_000):
        sheet.append([f"n{number}", "x" * 50])
    workbook.save(tmp_path / "long.xlsx")
    [resource] = open_source(str(tmp_path / "long.xlsx")).resources()
    assert not isinstance(resource, Problem)
    pieces = resource.read()
    assert isinstance(pieces, Generator)
    assert next(pieces)
    pieces.close()
    assert read_file(tmp_path / "long.xlsx").rows == 30_000
