"""Finds out who is calling before any route runs: request id, source address, principal."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import uuid4

from fastapi import Request
from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send
from structlog.contextvars import bound_contextvars

from api.identity.authentication import Credential, authenticate
from api.identity.openid import OpenIdProvider
from api.identity.principal import Principal
from api.identity.sessions import RequestOrigin
from incidents import TriagedBy
from store.records import RecordsDatabase

PASSIVE_HEADER = "fengsui-passive"
"""Sent by a page's own refreshes, so that a page left open does not keep its session alive."""
_BEARER = "bearer "
_NO_CALLER = ("/static/", "/healthz", "/readyz")


@dataclass(frozen=True, slots=True)
class Caller:
    """A request's origin and, where its credential holds, its principal."""

    origin: RequestOrigin
    principal: Principal | None

    def as_triager(self) -> TriagedBy:
        """The caller as triage records them, and whose alerts they triage; only for routes that require a scope."""
        if self.principal is None:
            raise RuntimeError("A route that changes something was reached without a caller")
        scope = self.principal.unit_scope("alerts:triage")
        return TriagedBy(self.principal.actor, scope, self.origin.request_id, self.origin.source_address)


def session_cookie_name(*, secure: bool) -> str:
    """The session cookie's name; ``__Host-`` binds a secure one to this host (RFC 6265bis §4.1.3.2)."""
    return "__Host-fengsui_session" if secure else "fengsui_session"


class CallerMiddleware:
    """Puts ``request_id`` and ``caller`` into the request's state."""

    def __init__(
        self, app: ASGIApp, records: RecordsDatabase, provider: OpenIdProvider | None, *, secure_cookies: bool
    ) -> None:
        """Wrap an application; ``provider`` says whose tokens are accepted beside our own keys and sessions."""
        self._app = app
        self._records = records
        self._provider = provider
        self._cookie = session_cookie_name(secure=secure_cookies)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        connection = HTTPConnection(scope)
        connection.state.request_id = uuid4().hex
        with bound_contextvars(request_id=connection.state.request_id):  # every line logged within names the request
            connection.state.caller = await self._caller(connection)
            await self._app(scope, receive, send)

    async def _caller(self, connection: HTTPConnection) -> Caller:
        origin = RequestOrigin(
            connection.client.host if connection.client else None,
            connection.headers.get("user-agent"),
            connection.state.request_id,
        )
        credential = self._credential(connection)
        known = credential.session_token is not None or credential.bearer is not None
        if not known or connection.url.path.startswith(_NO_CALLER):
            return Caller(origin, None)
        return Caller(origin, await run_in_threadpool(authenticate, self._records, credential, self._provider))

    def _credential(self, connection: HTTPConnection) -> Credential:
        authorization = connection.headers.get("authorization", "")
        bearer = authorization[: len(_BEARER)].lower() == _BEARER
        return Credential(
            connection.cookies.get(self._cookie),
            authorization[len(_BEARER) :].strip() if bearer else None,
            connection.client.host if connection.client else None,
            passive=PASSIVE_HEADER in connection.headers or "text/event-stream" in connection.headers.get("accept", ""),
        )


def caller_of(request: Request) -> Caller:
    """The caller of a request."""
    caller: Caller = request.state.caller
    return caller
