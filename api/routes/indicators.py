"""``/indicators``: threat intelligence that events are compared with."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from io import BytesIO
from typing import Annotated, BinaryIO

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile

from api.access import Requires
from api.caller import Caller
from api.dependencies import Dependencies
from api.idempotency import IdempotentRoute
from api.indicator_work import MAXIMUM_UPLOAD_BYTES, IndicatorQuery, find, retire, take_in
from api.moments import Moment
from api.problems import COMMON_RESPONSES
from detection.intelligence import IndicatorFormat, indicator_transitions

router = APIRouter(
    prefix="/api/v1/indicators", tags=["indicators"], route_class=IdempotentRoute, responses=COMMON_RESPONSES
)
Reader = Annotated[Caller, Depends(Requires("indicators:read"))]
Writer = Annotated[Caller, Depends(Requires("indicators:write"))]
_MAXIMUM = 500
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


class IndicatorDocument(BaseModel):
    """An indicator; ``alerts`` counts those on its value, ``searched`` is when the store had been searched for it."""

    id: str
    type: str
    value: str
    source: str
    reference: str | None
    confidence: int
    valid_from: Moment | None = Field(validation_alias="valid_from_ms")
    valid_until: Moment | None = Field(validation_alias="valid_until_ms")
    tlp: str | None
    labels: list[str]
    description: str
    state: str
    created_by: str
    created: Moment = Field(validation_alias="created_ms")
    updated: Moment = Field(validation_alias="updated_ms")
    searched: Moment | None = Field(validation_alias="searched_ms")
    alerts: int = 0


class IndicatorList(BaseModel):
    """A page of indicators, the last changed first."""

    indicators: list[IndicatorDocument]
    next_cursor: str | None


class ImportProblem(BaseModel):
    """A part of a document that gave no indicator: its id or line, and why."""

    reference: str
    reason: str


class ImportDocument(BaseModel):
    """What an import did; ``unlisted`` counts the problems beyond those listed."""

    added: int
    changed: int
    unchanged: int
    retired: int
    problems: list[ImportProblem]
    unlisted: int


class Retirement(BaseModel):
    """Which indicators to retire, and why."""

    ids: list[str] = Field(min_length=1, max_length=_MAXIMUM)
    reason: str | None = Field(None, max_length=1000)


class IndicatorStep(BaseModel):
    """One change of an indicator."""

    at: Moment
    from_state: str | None
    to_state: str
    actor: str
    reason: str | None


@router.get("")
def list_(query: Annotated[IndicatorQuery, Query()], dependencies: Dependencies, _caller: Reader) -> IndicatorList:
    """One page of the indicators."""
    page = find(dependencies, query)
    documents = [IndicatorDocument.model_validate(each, from_attributes=True) for each in page.indicators]
    for document in documents:
        document.alerts = page.alerts.get(document.value, 0)
    return IndicatorList(indicators=documents, next_cursor=page.next_cursor)


@router.get("/{indicator_id}/transitions")
def list_transitions(indicator_id: str, dependencies: Dependencies, _caller: Reader) -> list[IndicatorStep]:
    """The history of an indicator, oldest first."""
    with dependencies.records.read() as session:
        rows = indicator_transitions(session, indicator_id)
        return [IndicatorStep.model_validate(row, from_attributes=True) for row in rows]


@router.post(":import", openapi_extra=_BODY, max_body_size=MAXIMUM_UPLOAD_BYTES)
async def import_(
    request: Request,
    dependencies: Dependencies,
    caller: Writer,
    form: Annotated[IndicatorFormat, Query(alias="format")],
    source: Annotated[str, Query(min_length=1, max_length=255)],
) -> ImportDocument:
    """Import a document, sent as it is or as the field ``file`` of a form; ``source`` where it names none."""
    async with _document(request) as document:
        done = await run_in_threadpool(take_in, dependencies, document, form, source, caller)
    return ImportDocument(
        added=done.result.added,
        changed=done.result.changed,
        unchanged=done.result.unchanged,
        retired=done.result.retired,
        problems=[ImportProblem(reference=each.reference, reason=each.reason) for each in done.problems],
        unlisted=done.unlisted,
    )


@router.post(":retire")
def retire_many(body: Retirement, dependencies: Dependencies, caller: Writer) -> dict[str, int]:
    """Stop comparing events with indicators; an import does not bring them back."""
    return {"retired": retire(dependencies, body.ids, body.reason, caller)}


@asynccontextmanager
async def _document(request: Request) -> AsyncIterator[BinaryIO]:
    """What was sent; the file of a form is read from where it was put, on disk when it is large."""
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        yield BytesIO(await request.body())
        return
    async with request.form(max_files=1) as form:
        file = form.get("file")
        yield file.file if isinstance(file, UploadFile) else BytesIO()
