"""One HTTP request to a guarded address: no redirects, bounded in time and size."""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import httpcore
import httpx

from playbooks.actions.addresses import AddressGuard
from playbooks.errors import ActionError
from playbooks.policy import run_policy


@dataclass(frozen=True, slots=True)
class Request:
    """What is sent; ``seconds`` is the most that the whole exchange may take."""

    method: str
    url: str
    headers: Mapping[str, str]
    content: bytes = b""
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Response:
    """What came back: ``body`` is cut to what policy keeps.

    ``status`` is None where there was no answer; ``was_sent`` says whether the receiver may have got the request.
    """

    status: int | None
    body: bytes = b""
    reason: str = ""
    was_sent: bool = True

    @property
    def is_success(self) -> bool:
        """Whether it is a 2xx answer."""
        return self.status is not None and 200 <= self.status < 300  # noqa: PLR2004 (RFC 9110 §15.3)


class Caller:
    """Makes requests; threads may share one."""

    def __init__(self, guard: AddressGuard | None = None) -> None:
        """Trust the system's certificate authorities."""
        self._guard = guard or AddressGuard()
        transport = httpx.HTTPTransport(retries=0)
        transport._pool = httpcore.ConnectionPool(  # noqa: SLF001 (httpx has no other door for a network backend)
            ssl_context=ssl.create_default_context(),
            network_backend=_GuardedBackend(self._guard),
            max_keepalive_connections=0,
        )
        self._client = httpx.Client(transport=transport, follow_redirects=False, trust_env=False)

    def close(self) -> None:
        """Release the connections."""
        self._client.close()

    def send(self, request: Request) -> Response:
        """Make one request; whatever happens is told by the response.

        Raises:
            ActionError: the address may not be called, or the request is too large.
        """
        limits = run_policy().calls
        self._guard.check_url(request.url)
        if len(request.content) > limits.request_bytes:
            raise ActionError(f"the content is larger than {limits.request_bytes} bytes; send less")
        seconds = min(request.seconds or limits.total_seconds, limits.total_seconds)
        timeout = httpx.Timeout(seconds, connect=min(limits.connect_seconds, seconds))
        try:
            with self._client.stream(
                request.method, request.url, headers=dict(request.headers), content=request.content, timeout=timeout
            ) as answer:
                return _read(answer, limits.answer_bytes, time.monotonic() + seconds)
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            return Response(None, reason=f"no connection: {type(error).__name__}", was_sent=False)
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            return Response(None, reason=f"no answer: {type(error).__name__}")


def _read(answer: httpx.Response, most: int, deadline: float) -> Response:
    body = bytearray()
    for chunk in answer.iter_raw(4096):
        body += chunk
        if len(body) >= most or time.monotonic() > deadline:
            break
    return Response(answer.status_code, bytes(body[:most]), f"HTTP {answer.status_code}")


class _GuardedBackend(httpcore.SyncBackend):
    """Connects to the address that was checked, whatever the name resolves to a moment later."""

    def __init__(self, guard: AddressGuard) -> None:
        self._guard = guard

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Resolve, check, connect to what was checked."""
        address = self._guard.address_for(host, port)
        return super().connect_tcp(address, port, timeout, local_address, socket_options)
