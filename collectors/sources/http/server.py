"""The server of an intake, in a thread of its own; several sources may share one."""

from __future__ import annotations

import socket
import threading

import uvicorn

from collectors.sources.config import host_and_port
from collectors.sources.contract import SourceError
from collectors.sources.http.intake import IntakeDoor, intake_app
from collectors.sources.syslog.listener import tls_context

_BACKLOG = 256
_CLOSE_SECONDS = 5


class IntakeServer:
    """Serves the doors that are added, at one address, from ``open`` to ``close``."""

    def __init__(self, listen: str) -> None:
        """Keep the address, ``host:port``."""
        self._listen = listen
        self._doors: dict[str, IntakeDoor] = {}
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()
        self.address: tuple[str, int] | None = None

    def add(self, door: IntakeDoor) -> None:
        """Serve a source; before ``open``."""
        self._doors[door.config.name] = door

    def open(self) -> None:
        """Begin to listen; further calls change nothing.

        Raises:
            SourceError: the address can't be listened at.
        """
        with self._lock:
            if self._thread is not None:
                return
            sock = self._bind()
            self.address = sock.getsockname()[:2]
            self._server = uvicorn.Server(self._config())
            self._thread = threading.Thread(
                target=self._server.run, kwargs={"sockets": [sock]}, name=f"intake {self._listen}"
            )
            self._thread.start()

    def close(self) -> None:
        """Answer what has begun, then stop listening; further calls change nothing."""
        with self._lock:
            if self._server is not None and self._thread is not None:
                self._server.should_exit = True
                self._thread.join()
            self._server = None

    def _bind(self) -> socket.socket:
        host, port = host_and_port(self._listen)
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        try:
            listener = socket.create_server((host, port), family=family, backlog=_BACKLOG)
        except OSError as error:
            detail = f"can't listen at http {self._listen} ({error.strerror or error}); free the port or choose another"
            raise SourceError(detail) from error
        # Connections inherit it: else an answer's body waits until its head is acknowledged, which takes 40 ms.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return listener

    def _config(self) -> uvicorn.Config:
        config = uvicorn.Config(
            intake_app(self._doors),
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            lifespan="off",
            timeout_graceful_shutdown=_CLOSE_SECONDS,
        )
        secure = next((door.config.certificate for door in self._doors.values() if door.config.certificate), None)
        if secure is not None:
            config.load()
            config.ssl = tls_context(secure)
        return config
