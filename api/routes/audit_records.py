"""``/audit-records``: the trail, for those who check it."""

from __future__ import annotations

import json
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field

from api.access import Requires
from api.caller import Caller
from api.dependencies import Dependencies
from api.moments import Moment
from api.problems import COMMON_RESPONSES
from api.signing import decode_cursor, encode_cursor
from audit import AuditFilter, AuditRecord, list_records, verify_trail

router = APIRouter(prefix="/api/v1/audit-records", tags=["audit"], responses=COMMON_RESPONSES)
Reader = Annotated[Caller, Depends(Requires("audit:read"))]
_MAXIMUM_PAGE = 500


class AuditQuery(BaseModel):
    """Which records."""

    actor_id: str | None = None
    action: str | None = None
    object_kind: str | None = None
    object_id: str | None = None
    limit: int = Field(100, ge=1, le=_MAXIMUM_PAGE)
    cursor: str | None = None


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
    wanted = query.model_dump(exclude={"limit", "cursor"})
    key, purpose = dependencies.secret_key, f"audit:{json.dumps(wanted)}"
    before = decode_cursor(key, purpose, query.cursor) if query.cursor else None
    with dependencies.records.read() as session:
        rows = list_records(session, AuditFilter(**wanted, before_sequence=before), query.limit)
    following = encode_cursor(key, purpose, rows[-1].sequence) if len(rows) == query.limit else None
    return AuditList(records=[_document(row) for row in rows], next_cursor=following)


@router.get("/verification")
def verify(dependencies: Dependencies, _caller: Reader) -> TrailVerdict:
    """Check the whole trail: its chain, its checkpoints, and their copies."""
    with dependencies.records.read() as session:
        verdict = verify_trail(session, dependencies.trust)
    return TrailVerdict(
        holds=verdict.holds,
        records=verdict.records,
        first_bad_sequence=verdict.first_bad,
        anchored=verdict.anchored_to,
        unanchored=verdict.unanchored,
        problems=list(verdict.problems),
    )


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
