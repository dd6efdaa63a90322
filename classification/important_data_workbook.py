"""The register of important data as an Excel workbook."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo
from functools import cache
from typing import Any, Literal

import openpyxl
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._write_only import WriteOnlyWorksheet
from pydantic import BaseModel, ConfigDict

from classification.grading import Label, Scheme
from classification.identifiers import load_identifiers
from classification.important_data import ImportantResource
from policies import load_policy
from registry import Opening, Sharing
from registry.labels import registry_labels

_MEDIUM_WIDTH = 24
_CELL_CHARACTERS = 32_767
Language = Literal["zh", "en"]


class RegisterLayout(BaseModel):
    """Title and columns (``policies/classification/important_data.yml``)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: Label
    columns: dict[str, Label]


@cache
def register_layout() -> RegisterLayout:
    """The layout shipped with the product.

    Raises:
        PolicyError: the file is missing or not what the schema says.
    """
    return load_policy("classification/important_data.yml", RegisterLayout)


def important_data_workbook(
    rows: Sequence[ImportantResource], scheme: Scheme, language: Language, zone: tzinfo = UTC
) -> bytes:
    """The register as a workbook of one sheet; times in a zone, texts as texts also where they look like formulas."""
    layout = register_layout()
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet(getattr(layout.title, language))
    sheet.freeze_panes = "A2"
    for place in range(1, len(layout.columns) + 1):
        sheet.column_dimensions[get_column_letter(place)].width = _MEDIUM_WIDTH
    sheet.append([_cell(sheet, getattr(label, language), bold=True) for label in layout.columns.values()])
    for row in rows:
        values = _values(row, scheme, language, zone)
        sheet.append([_cell(sheet, values[column]) for column in layout.columns])
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def _values(row: ImportantResource, scheme: Scheme, language: Language, zone: tzinfo) -> dict[str, str | int | None]:
    labels = registry_labels()
    return {
        "resource_id": row.resource_id,
        "name": row.name,
        "unit": row.unit,
        "system": row.system,
        "grade": getattr(scheme.grade(row.grade).label, language),
        "fields": "\n".join(f"{name}: {_categories(held, language)}" for name, held in row.fields.items()),
        "subjects": row.subjects,
        "sharing": getattr(labels.of(Sharing(row.sharing)), language),
        "opening": getattr(labels.of(Opening(row.opening)), language),
        "owner": row.owner,
        "reasons": "\n".join(row.reasons_zh if language == "zh" else row.reasons_en),
        "confirmed_by": "、".join(row.confirmed_by),
        "confirmed": _moment(row.confirmed_ms, zone),
        "review_due": _moment(row.review_due_ms, zone),
    }


def _categories(held: tuple[str, ...], language: Language) -> str:
    known = load_identifiers().identifiers
    return "、".join(getattr(known[each].label, language) if each in known else each for each in held)


def _moment(at_ms: int | None, zone: tzinfo) -> str:
    return "" if at_ms is None else datetime.fromtimestamp(at_ms / 1000, zone).strftime("%Y-%m-%d %H:%M")


def _cell(sheet: WriteOnlyWorksheet, value: str | int | None, *, bold: bool = False) -> Any:  # noqa: ANN401 (openpyxl makes them by a function)
    """A cell that is text whatever it looks like: a spreadsheet never computes it."""
    cell = WriteOnlyCell(sheet, None if isinstance(value, str) else value)
    if isinstance(value, str):
        cell.value = ILLEGAL_CHARACTERS_RE.sub("", value)[:_CELL_CHARACTERS]
        cell.data_type = "s"
    cell.font = Font(bold=bold)
    return cell
