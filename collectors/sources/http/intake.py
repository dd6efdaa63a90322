"""The intake's HTTP surface: ``POST /intake/{source}`` with a bearer token."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from collectors.sources.config import HttpSourceConfig
from collectors.sources.http.body import expand, receive, split
from collectors.sources.http.problem import Refusal
from collectors.sources.spool import KeyReusedError, Message, Spool, SpoolError
from collectors.sources.syslog.listener import peer_name

_RETRY_AFTER_SECONDS = "5"
_LONGEST_KEY = 255


@dataclass(frozen=True, slots=True)
class IntakeDoor:
    """One source that may be pushed to: what it allows, and the spool behind it."""

    config: HttpSourceConfig
    spool: Spool


def intake_app(doors: Mapping[str, IntakeDoor]) -> Starlette:
    """The application for these sources by name.

    A push is answered 202 with ``{"accepted": n}`` when its n records are on disk; all of them are, or none. The same
    push under the same ``Idempotency-Key`` is answered alike and not taken again, even after a restart.
    """

    async def push(request: Request) -> Response:
        try:
            return await _push(request, _admit(request, doors))
        except Refusal as refusal:
            return refusal.response()

    return Starlette(routes=[Route("/intake/{source}", push, methods=["POST"])])


async def _push(request: Request, door: IntakeDoor) -> Response:
    config = door.config
    headers = request.headers
    body = await receive(request.stream(), headers.get("content-length"), config.max_body_bytes)
    key = _key(headers.get("idempotency-key"))
    peer = peer_name(request.client)
    try:
        taken = await asyncio.to_thread(_take, door, body, headers, key, peer)
    except KeyReusedError as error:
        raise Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, "idempotency_key_reused", str(error)) from error
    except SpoolError as error:
        detail = "no room to keep records until delivery has caught up; send this again later"
        again = {"Retry-After": _RETRY_AFTER_SECONDS}
        raise Refusal(HTTPStatus.SERVICE_UNAVAILABLE, "spool_full", detail, again) from error
    return Response(orjson.dumps({"accepted": taken}), HTTPStatus.ACCEPTED, media_type="application/json")


def _take(door: IntakeDoor, body: bytes, headers: Mapping[str, str], key: str | None, peer: str | None) -> int:
    """Expand, cut and spool a body; runs beside the loop, since it computes and waits for the disk."""
    coding = headers.get("content-encoding", "").strip().lower()
    media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    records = split(expand(body, coding, door.config.max_expanded_bytes), media_type)
    fingerprint = hashlib.sha256(body).hexdigest() if key is not None else None
    return door.spool.append([Message(record, peer) for record in records], key, fingerprint)


def _key(header: str | None) -> str | None:
    if header is not None and not 0 < len(header) <= _LONGEST_KEY:
        detail = f"an Idempotency-Key has 1 to {_LONGEST_KEY} characters"
        raise Refusal(HTTPStatus.BAD_REQUEST, "invalid_idempotency_key", detail)
    return header


def _admit(request: Request, doors: Mapping[str, IntakeDoor]) -> IntakeDoor:
    """The source that the request's token may push to.

    Every known token is compared in constant time, so that the answer's time tells nothing. An unknown source is
    answered like one that the token does not open.

    Raises:
        Refusal: no token, an unknown one (401), or one of another source (403).
    """
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    presented = hashlib.sha256(token.strip().encode("utf-8", "surrogateescape")).hexdigest()
    opened = {
        name
        for name, door in doors.items()
        for known in door.config.token_sha256
        if hmac.compare_digest(known, presented)
    }
    if scheme.lower() != "bearer" or not opened:
        detail = "no valid token; send Authorization: Bearer with a token of this source"
        raise Refusal(HTTPStatus.UNAUTHORIZED, "unauthorized", detail, {"WWW-Authenticate": "Bearer"})
    source = request.path_params["source"]
    if source not in opened:
        raise Refusal(HTTPStatus.FORBIDDEN, "forbidden", "the token is not one of this source; use the source's own")
    return doors[source]
