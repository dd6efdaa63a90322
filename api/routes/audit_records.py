"""``/audit-records``: the trail, for those who check it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from http import HTTPStatus
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

from api.access import Requires
from api.audit_work import check_trail, export_trail
from api.caller import Caller
from api.dependencies import ApiDependencies, Dependencies
from api.form_query import FormQuery
from api.moments import Moment, TimeRange
from api.problems import COMMON_RESPONSES, ProblemError
from api.signing import decode_cursor, encode_cursor
from audit import AuditFilter, AuditRecord, list_records

router = APIRouter(prefix="/api/v1/audit-records", tags=["audit"], responses=COMMON_RESPONSES)
Reader = Annotated[Caller, Depends(Requires("audit:read"))]
_MAXIMUM_PAGE = 500
EXPORT_TYPE = "application/x-ndjson"


class AuditQuery(FormQuery):
    """Which records; ``from`` and ``to`` bound their time."""

    actor_id: str | None = None
    actor_name: str | None = None
    action: str | None = None
    object_kind: str | None = None
    object_id: str | None = None
    outcome: Literal["success", "failure"] | None = None
    start: str = Field("", alias="from", max_length=64)
    end: str = Field("", alias="to", max_length=64)
    limit: int = Field(100, ge=1, le=_MAXIMUM_PAGE)
    cursor: str | None = None

    def page(self, dependencies: ApiDependencies) -> tuple[Sequence[AuditRecord], str | None]:
        """The records, newest first, and the cursor of the next page.

        Raises:
            ProblemError: a time can't be read.
        """
        try:
            window = TimeRange(self.start, self.end, dependencies.settings.time_zone).window()
        except ValueError as error:
            raise ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, "invalid_time", str(error)) from error
        wanted = self.model_dump(exclude={"limit", "cursor", "start", "end"})
        key, purpose = dependencies.secret_key, f"audit:{json.dumps([wanted, self.start, self.end])}"
        before = decode_cursor(key, purpose, self.cursor) if self.cursor else None
        selection = AuditFilter(**wanted, start_ms=window.start_ms, end_ms=window.end_ms, before_sequence=before)
        with dependencies.records.read() as session:
            rows = list_records(session, selection, self.limit)
        return rows, encode_cursor(key, purpose, rows[-1].sequence) if len(rows) == self.limit else None


class AuditDocument(BaseModel):
    """One recorded action."""

    sequence: int
    time: Moment
    actor: dict[str, str]
    action: str
    object: dict[str, str]
    outcome: str
    reason: str | None
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    request_id: str | None
    source_address: str | None
    digest: str


class AuditList(BaseModel):
    """A page of the trail, newest first."""

    records: list[AuditDocument]
    next_cursor: str | None


class TrailVerdict(BaseModel):
    """Whether the trail holds; the first ``anchored`` records are vouched for by a signed checkpoint."""

    holds: bool
    records: int
    first_bad_sequence: int | None
    anchored: int
    unanchored: int
    problems: list[str]


@router.get("")
def list_audit_records(query: Annotated[AuditQuery, Query()], dependencies: Dependencies, _caller: Reader) -> AuditList:
    """One page of the trail."""
    rows, following = query.page(dependencies)
    return AuditList(records=[_document(row) for row in rows], next_cursor=following)


@router.get("/verification")
def verify(dependencies: Dependencies, caller: Reader) -> TrailVerdict:
    """Check the whole trail: its chain, its checkpoints, and their copies."""
    verdict = check_trail(dependencies, caller)
    return TrailVerdict(
        holds=verdict.holds,
        records=verdict.records,
        first_bad_sequence=verdict.first_bad,
        anchored=verdict.anchored_to,
        unanchored=verdict.unanchored,
        problems=list(verdict.problems),
    )


@router.get("/export", response_class=StreamingResponse, responses={HTTPStatus.OK: {"content": {EXPORT_TYPE: {}}}})
def export(dependencies: Dependencies, caller: Reader) -> StreamingResponse:
    """The whole trail with its checkpoints as NDJSON, for the stand-alone ``verify_export.py``."""
    headers = {"Content-Disposition": 'attachment; filename="fengsui-audit.ndjson"'}
    return StreamingResponse(export_trail(dependencies, caller), media_type=EXPORT_TYPE, headers=headers)


def _document(row: AuditRecord) -> AuditDocument:
    return AuditDocument(
        sequence=row.sequence,
        time=row.time_ms,
        actor={"kind": row.actor_kind, "id": row.actor_id, "name": row.actor_name},
        action=row.action,
        object={"kind": row.object_kind, "id": row.object_id},
        outcome=row.outcome,
        reason=row.reason,
        before=json.loads(row.before) if row.before else None,
        after=json.loads(row.after) if row.after else None,
        request_id=row.request_id,
        source_address=row.source_address,
        digest=row.digest,
    )
