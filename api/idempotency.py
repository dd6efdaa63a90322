"""``Idempotency-Key`` on writes: a repeated request gets the first one's answer instead of acting again."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute
from sqlalchemy import LargeBinary, String, delete
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column
from starlette.concurrency import run_in_threadpool

from api.caller import caller_of
from api.dependencies import dependencies_of
from api.problems import ProblemError
from events import now_ms
from store.records import Base, RecordsDatabase, UtcMilliseconds

IDEMPOTENCY_HEADER = "idempotency-key"
_MAXIMUM_KEY = 128
_KEPT_MS = 24 * 3_600_000
_ABANDONED_MS = 60_000
"""A request that has not answered by then died with its process; its key is free again."""

_Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class IdempotentRequest(Base):
    """A write that carried a key; ``status`` is unset while it runs. The answer is kept for a day."""

    __tablename__ = "idempotent_requests"

    caller_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    key: Mapped[str] = mapped_column(String(_MAXIMUM_KEY), primary_key=True)
    fingerprint: Mapped[str] = mapped_column(String(64))
    started_ms: Mapped[UtcMilliseconds] = mapped_column(index=True)
    status: Mapped[int | None]
    media_type: Mapped[str | None] = mapped_column(String(128))
    body: Mapped[bytes | None] = mapped_column(LargeBinary)


@dataclass(frozen=True, slots=True)
class _Keyed:
    """A request's key, whose it is, and what it asks for."""

    caller_id: str
    key: str
    fingerprint: str


class IdempotentRoute(APIRoute):
    """A route whose writes honor ``Idempotency-Key``."""

    def get_route_handler(self) -> _Handler:
        """The route's handler, run once for a key."""
        handler = super().get_route_handler()

        async def run_once(request: Request) -> Response:
            keyed = await _keyed(request)
            return await handler(request) if keyed is None else await _run_once(handler, request, keyed)

        return run_once


async def _keyed(request: Request) -> _Keyed | None:
    key, principal = request.headers.get(IDEMPOTENCY_HEADER), caller_of(request).principal
    if key is None or principal is None or request.method in {"GET", "HEAD"}:
        return None
    if not 0 < len(key) <= _MAXIMUM_KEY:
        raise ProblemError(
            HTTPStatus.BAD_REQUEST, "invalid_idempotency_key", f"An Idempotency-Key has 1 to {_MAXIMUM_KEY} characters"
        )
    asked = b"\0".join((request.method.encode(), str(request.url).encode(), await request.body()))
    return _Keyed(principal.actor.id, key, hashlib.sha256(asked).hexdigest())


async def _run_once(handler: _Handler, request: Request, keyed: _Keyed) -> Response:
    records = dependencies_of(request).records
    answered = await run_in_threadpool(_reserve, records, keyed)
    if answered is not None:
        return answered
    try:
        response = await handler(request)
    except BaseException:
        await run_in_threadpool(_release, records, keyed)
        raise
    await run_in_threadpool(_keep, records, keyed, response)
    return response


def _reserve(records: RecordsDatabase, keyed: _Keyed) -> Response | None:
    """Take the key for this request, or give the answer that the key already has."""
    now = now_ms()
    try:
        with records.begin() as session:
            session.execute(delete(IdempotentRequest).where(IdempotentRequest.started_ms < now - _KEPT_MS))
            known = session.get(IdempotentRequest, (keyed.caller_id, keyed.key), with_for_update=True)
            if known is not None and (known.status is not None or known.started_ms > now - _ABANDONED_MS):
                return _answer_of(known, keyed)
            if known is not None:
                session.delete(known)
                session.flush()
            row = IdempotentRequest(
                caller_id=keyed.caller_id, key=keyed.key, fingerprint=keyed.fingerprint, started_ms=now
            )
            session.add(row)
    except IntegrityError as error:
        raise _under_way() from error
    return None


def _answer_of(known: IdempotentRequest, keyed: _Keyed) -> Response:
    if known.fingerprint != keyed.fingerprint:
        raise ProblemError(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            "idempotency_key_reused",
            "This Idempotency-Key was used for another request; make a new one",
        )
    if known.status is None:
        raise _under_way()
    return Response(known.body, known.status, {"Idempotent-Replayed": "true"}, known.media_type)


def _under_way() -> ProblemError:
    return ProblemError(
        HTTPStatus.CONFLICT,
        "request_under_way",
        "A request with this Idempotency-Key is under way; wait for its answer",
    )


def _keep(records: RecordsDatabase, keyed: _Keyed, response: Response) -> None:
    with records.begin() as session:
        row = session.get_one(IdempotentRequest, (keyed.caller_id, keyed.key))
        row.status, row.body = response.status_code, bytes(response.body)
        row.media_type = response.headers.get("content-type")


def _release(records: RecordsDatabase, keyed: _Keyed) -> None:
    with records.begin() as session:
        session.execute(
            delete(IdempotentRequest).where(
                IdempotentRequest.caller_id == keyed.caller_id, IdempotentRequest.key == keyed.key
            )
        )
