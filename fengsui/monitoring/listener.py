"""The listener of a process without an API: ``/metrics``, ``/healthz``, ``/readyz``, on loopback or over mutual TLS."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server
from wsgiref.types import StartResponse, WSGIApplication

import orjson
from prometheus_client import CollectorRegistry, make_wsgi_app
from prometheus_client.exposition import ThreadingWSGIServer

from api.readiness import Check, run_checks
from fengsui.errors import FengsuiError
from fengsui.monitoring.settings import MonitoringSettings, MutualTls, Port

_JSON = ("Content-Type", "application/json")


class Listener:
    """Answers in a thread of its own from ``start`` to ``stop``."""

    def __init__(
        self, settings: MonitoringSettings, port: Port, figures: CollectorRegistry, checks: Mapping[str, Check]
    ) -> None:
        """Bind the address.

        Raises:
            FengsuiError: the address is taken, or a file of the TLS settings can't be used.
        """
        address = str(settings.host)
        kind = _Server6 if settings.host.version == 6 else ThreadingWSGIServer  # noqa: PLR2004 (IP version 6)
        try:
            self._server: WSGIServer = make_server(
                address, port, _application(figures, checks), server_class=kind, handler_class=_Quiet
            )
            if settings.tls is not None:
                self._server.socket = _context(settings.tls).wrap_socket(
                    self._server.socket,
                    server_side=True,
                    do_handshake_on_connect=False,  # else a caller that says nothing keeps all others waiting
                )
        except (OSError, ssl.SSLError) as error:
            raise FengsuiError(
                f"monitoring at {address}:{port}: {error.strerror or error}; take another port, or mend monitoring.tls"
            ) from error
        self._thread = threading.Thread(target=self._server.serve_forever, name="monitoring", daemon=True)

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def stop(self) -> None:
        """End."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Server6(ThreadingWSGIServer):
    address_family = socket.AF_INET6


class _Quiet(WSGIRequestHandler):
    timeout = 10
    """Seconds after which a caller that says nothing is let go."""

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002, ANN401 (the interface's own)
        """Scrapes leave no lines."""


def _application(figures: CollectorRegistry, checks: Mapping[str, Check]) -> WSGIApplication:
    metrics: WSGIApplication = make_wsgi_app(figures)

    def answer(environ: dict[str, Any], start: StartResponse) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if path == "/metrics":
            return metrics(environ, start)
        if path == "/healthz":
            return _send(start, HTTPStatus.OK, {"status": "ok"})
        if path == "/readyz":
            is_ready, states = run_checks(checks)
            return _send(start, HTTPStatus.OK if is_ready else HTTPStatus.SERVICE_UNAVAILABLE, states)
        return _send(start, HTTPStatus.NOT_FOUND, {"status": "not found"})

    return answer


def _send(start: StartResponse, status: HTTPStatus, document: Mapping[str, str]) -> list[bytes]:
    start(f"{status.value} {status.phrase}", [_JSON])
    return [orjson.dumps(document)]


def _context(tls: MutualTls) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(tls.authorities))
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_cert_chain(tls.certificate, tls.key)
    return context
