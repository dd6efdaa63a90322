"""Registers out to CSV and Excel, as they can be imported again; and empty templates."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

import openpyxl
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from sqlalchemy.orm import Session

from registry.importing.applying import REGISTER_OF
from registry.importing.columns import ImportKind, columns_of, required_columns, row_values
from registry.labels import Label, registry_labels
from registry.repository.listing import every_entry
from registry.scope import UnitScope

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_CELL_CHARACTERS = 32_767
_WIDTH = 22
_NOTE_WIDTHS = (22, 20, 24, 14, 44, 40)
_EXAMPLE_FONT = Font(italic=True, color="808080")
_ILLEGAL = dict.fromkeys([*range(9), 11, 12, *range(14, 32)])


def export_rows(session: Session, kind: ImportKind, scope: UnitScope) -> Iterable[dict[str, str]]:
    """The rows of a register that a scope shows, by id."""
    for entry in every_entry(session, REGISTER_OF[kind], scope):
        if kind is not ImportKind.FIELDS:
            yield row_values(kind, entry.document())
            continue
        for each in entry.document()["fields"]:
            yield row_values(kind, {**each, "resource_id": entry.id})


def export_csv(session: Session, kind: ImportKind, scope: UnitScope) -> bytes:
    """A register as CSV: UTF-8 with a mark for Excel; an apostrophe keeps texts from being taken for formulas."""
    return _csv(kind, export_rows(session, kind, scope))


def export_workbook(session: Session, kinds: Sequence[ImportKind], scope: UnitScope) -> bytes:
    """Registers as one Excel workbook, a sheet each, under Chinese headers."""
    book = openpyxl.Workbook(write_only=True)
    for kind in kinds:
        sheet = book.create_sheet(registry_labels().registers[kind.value].label.zh)
        _head(sheet, kind)
        for row in export_rows(session, kind, scope):
            sheet.append([_string_cell(sheet, row[column]) for column in columns_of(kind)])
    return _saved(book)


def template_csv(kind: ImportKind) -> bytes:
    """The header of a register's file, and a row that shows how it is filled in."""
    return _csv(kind, [_example(kind)])


def template_workbook(kind: ImportKind) -> bytes:
    """A workbook to be filled in: the header, a row that shows how, and a sheet that says what each column holds."""
    book = openpyxl.Workbook(write_only=True)
    labels, example = registry_labels().registers[kind.value], _example(kind)
    sheet = book.create_sheet(labels.label.zh)
    _head(sheet, kind)
    sheet.append([_string_cell(sheet, example[column], _EXAMPLE_FONT) for column in columns_of(kind)])
    notes = book.create_sheet("说明 Notes")
    for width, letter in zip(_NOTE_WIDTHS, "ABCDEF", strict=True):
        notes.column_dimensions[letter].width = width
    notes.append(["列 Column", "代码 Code", "English", "必填 Required", "可填 Values", "示例 Example"])
    for column, label in labels.columns.items():
        needed = "是 Yes" if column in required_columns(kind) else ""
        notes.append([label.zh, column, label.en, needed, " / ".join(_allowed(column, kind)), example[column]])
    notes.append([])
    notes.append([f"导入时跳过示例行 Rows of {example[columns_of(kind)[0]]} are left out of an import"])
    return _saved(book)


def _example(kind: ImportKind) -> dict[str, str]:
    """The row that a template shows, every column of it."""
    return {**dict.fromkeys(columns_of(kind), ""), **registry_labels().registers[kind.value].example}


def _allowed(column: str, kind: ImportKind) -> list[str]:
    labels = registry_labels()
    tables: dict[tuple[ImportKind, str], Iterable[Label]] = {
        (ImportKind.UNITS, "level"): labels.units_of_level.values(),
        (ImportKind.RESOURCES, "kind"): labels.resource_kinds.values(),
        (ImportKind.RESOURCES, "sharing"): labels.sharing.values(),
        (ImportKind.RESOURCES, "opening"): labels.opening.values(),
        (ImportKind.CONSUMERS, "kind"): labels.consumer_kinds.values(),
        (ImportKind.ACCOUNTS, "state"): labels.account_states.values(),
        (ImportKind.GRANTS, "state"): labels.grant_states.values(),
        (ImportKind.GRANTS, "masked"): labels.words.values(),
        (ImportKind.SYSTEMS, "is_critical"): labels.words.values(),
    }
    return [label.zh for label in tables.get((kind, column), ())]


def _csv(kind: ImportKind, rows: Iterable[dict[str, str]]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(columns_of(kind))
    writer.writerows([_guarded(row[column]) for column in columns_of(kind)] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def _guarded(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA_STARTS) else cell


def _head(sheet: Any, kind: ImportKind) -> None:  # noqa: ANN401 (openpyxl's sheet for writing)
    columns = registry_labels().registers[kind.value].columns
    for place in range(len(columns)):
        sheet.column_dimensions[get_column_letter(place + 1)].width = _WIDTH
    sheet.freeze_panes = "A2"
    sheet.append([_string_cell(sheet, label.zh, Font(bold=True)) for label in columns.values()])


def _string_cell(sheet: Any, text: str, font: Font | None = None) -> Any:  # noqa: ANN401 (as above)
    """A cell that is text whatever it looks like: a spreadsheet never computes it."""
    cell = WriteOnlyCell(sheet, value="")
    if font is not None:
        cell.font = font
    cell.value = text.translate(_ILLEGAL)[:_CELL_CHARACTERS]
    cell.data_type = "s"
    return cell


def _saved(book: openpyxl.Workbook) -> bytes:
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()
