"""``/registry:import`` and ``/registry:export``: registers as CSV files and Excel workbooks."""

from __future__ import annotations

from enum import StrEnum
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile

from api.access import Requires, signed_in
from api.caller import Caller
from api.dependencies import Dependencies
from api.idempotency import IdempotentRoute
from api.import_work import MAXIMUM_UPLOAD_BYTES, take_in
from api.problems import COMMON_RESPONSES
from api.registry_work import READ, WRITE
from registry.exporting import export_csv, export_workbook, template_csv, template_workbook
from registry.importing import ImportKind
from registry.registers import Outcome

router = APIRouter(prefix="/api/v1", tags=["registry"], route_class=IdempotentRoute, responses=COMMON_RESPONSES)
Reader = Annotated[Caller, Depends(Requires(READ))]
Writer = Annotated[Caller, Depends(Requires(WRITE))]
_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "application/octet-stream": {"schema": {"type": "string", "format": "binary"}},
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "properties": {"file": {"type": "string", "format": "binary"}},
                    "required": ["file"],
                }
            },
        },
    }
}


class FileFormat(StrEnum):
    """What a register is written as."""

    CSV = "csv"
    WORKBOOK = "xlsx"


_MEDIA_TYPES = {
    FileFormat.CSV: "text/csv; charset=utf-8",
    FileFormat.WORKBOOK: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_FILES: dict[int | str, dict[str, Any]] = {
    HTTPStatus.OK: {
        "content": {kind: {"schema": {"type": "string", "format": "binary"}} for kind in _MEDIA_TYPES.values()},
        "description": "The file",
    }
}


class RowProblemDocument(BaseModel):
    """What is wrong with a row of a file (counted from 1), and what to do; ``value`` is what stands there."""

    row: int
    column: str
    message: str
    code: str
    value: str


class ValueChangeDocument(BaseModel):
    """A value that changes, as the register's files write it."""

    column: str
    before: str
    after: str


class RowResultDocument(BaseModel):
    """What a row (counted from 1) does with the entry it names: ``added`` or ``changed``, value by value."""

    row: int
    id: str
    outcome: Outcome
    changes: list[ValueChangeDocument]


class ImportDocument(BaseModel):
    """What an import did, or as a dry run would do; with problems nothing was taken."""

    kind: ImportKind
    rows: int
    added: int
    changed: int
    unchanged: int
    refused: int
    taken: bool
    results: list[RowResultDocument]
    results_unlisted: int
    problems: list[RowProblemDocument]
    unlisted: int


@router.post("/registry:import", openapi_extra=_BODY, max_body_size=MAXIMUM_UPLOAD_BYTES)
async def import_(
    request: Request,
    dependencies: Dependencies,
    caller: Writer,
    kind: ImportKind,
    dry_run: Annotated[bool, Query()] = False,  # noqa: FBT002 (a parameter of the address)
) -> ImportDocument:
    """Import a register's file, sent as it is or as the field ``file`` of a form: all of its rows or none."""
    content = await _content(request)
    report = await run_in_threadpool(take_in, dependencies, kind, content, caller, dry_run=dry_run)
    return ImportDocument.model_validate(report, from_attributes=True)


@router.get("/registry:export", response_class=Response, responses=_FILES)
def export(
    dependencies: Dependencies,
    caller: Reader,
    kind: Annotated[list[ImportKind], Query(min_length=1)],
    form: Annotated[FileFormat, Query(alias="format")] = FileFormat.WORKBOOK,
) -> Response:
    """The registers within the caller's units: a workbook with a sheet each, or the first as CSV."""
    scope = signed_in(caller).unit_scope(READ)
    with dependencies.records.read() as session:
        if form is FileFormat.CSV:
            return _file(export_csv(session, kind[0], scope), kind[0], form)
        return _file(export_workbook(session, list(dict.fromkeys(kind)), scope), kind[0], form)


@router.get("/registry:template", response_class=Response, responses=_FILES)
def template(
    _caller: Reader, kind: ImportKind, form: Annotated[FileFormat, Query(alias="format")] = FileFormat.WORKBOOK
) -> Response:
    """A file to be filled in, with a row that shows how."""
    content = template_csv(kind) if form is FileFormat.CSV else template_workbook(kind)
    return _file(content, f"{kind.value}-template", form)


def _file(content: bytes, stem: str, form: FileFormat) -> Response:
    name = f'attachment; filename="{stem}.{form.value}"'
    return Response(content, media_type=_MEDIA_TYPES[form], headers={"Content-Disposition": name})


async def _content(request: Request) -> bytes:
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        return await request.body()
    async with request.form(max_files=1) as form:
        file = form.get("file")
        return await file.read() if isinstance(file, UploadFile) else b""
