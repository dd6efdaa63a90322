"""Counts requests and times them by route, and logs one line each: the template of the path, never its values."""

from __future__ import annotations

import time
from http import HTTPMethod, HTTPStatus

import structlog
from prometheus_client import CollectorRegistry, Counter, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_BUCKETS = (0.01, 0.05, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0)
_METHODS = frozenset(HTTPMethod)
_STATIC = "/static/"
_QUIET = (_STATIC, "/healthz", "/readyz", "/metrics")
_log = structlog.get_logger(__name__)


class RequestFigures:
    """What requests are counted in."""

    def __init__(self, registry: CollectorRegistry) -> None:
        """Declare the figures."""
        self.requests = Counter(
            "fengsui_http_requests", "Requests answered", ("method", "route", "status"), registry=registry
        )
        self.seconds = Histogram(
            "fengsui_http_seconds",
            "Seconds until an answer begins",
            ("method", "route"),
            buckets=_BUCKETS,
            registry=registry,
        )


class RequestFiguresMiddleware:
    """Counts each request once its answer begins, so that a live list that stays open counts like any other."""

    def __init__(self, app: ASGIApp, figures: RequestFigures) -> None:
        """Wrap an application."""
        self._app = app
        self._figures = figures

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        answered = False

        async def send_counted(message: Message) -> None:
            nonlocal answered
            if message["type"] == "http.response.start":
                answered = True
                self._count(scope, int(message["status"]), time.perf_counter() - began)
            await send(message)

        try:
            await self._app(scope, receive, send_counted)
        except Exception:
            if not answered:  # the limit of a body's size ends a request so that has its answer
                self._count(scope, HTTPStatus.INTERNAL_SERVER_ERROR, time.perf_counter() - began)
            raise

    def _count(self, scope: Scope, status: int, seconds: float) -> None:
        method = scope["method"] if scope["method"] in _METHODS else "other"
        route = _route_of(scope)
        self._figures.requests.labels(method, route, str(status)).inc()
        self._figures.seconds.labels(method, route).observe(seconds)
        log = _log.debug if route.startswith(_QUIET) else _log.info
        log(
            "request",
            method=method,
            route=route,
            status=int(status),
            milliseconds=round(seconds * 1000),
            request_id=scope.get("state", {}).get("request_id"),
        )


def _route_of(scope: Scope) -> str:
    """The template of the path; static files are one, and so is what matches no route, however many are tried."""
    path = getattr(scope.get("route"), "path", None)
    if path is not None:
        return str(path)
    return _STATIC if str(scope["path"]).startswith(_STATIC) else "unmatched"
