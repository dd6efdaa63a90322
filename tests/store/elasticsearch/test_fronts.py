"""What stands before a cluster may take smaller requests than it does: they become smaller, and nothing is lost."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx

from store import Window
from store.elasticsearch.store import ElasticsearchEventStore
from store.query import MatchAll
from tests.patience import PATIENCE_SECONDS
from tests.store.conftest import MakeEvent

from .installations import installation

EVENTS, LIMIT = 600, 400_000


class _Front(ThreadingHTTPServer):
    """A proxy, and the sizes of the bulk requests that it was sent."""

    def __init__(self, target: str, client: httpx.Client) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.target, self.client = target, client
        self.asked: list[int] = []


class _Handler(BaseHTTPRequestHandler):
    """Passes on what is not too large; refuses the rest as proxies do: 413."""

    protocol_version = "HTTP/1.1"
    server: _Front

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", "0")))
        if self.path.startswith("/_bulk"):
            self.server.asked.append(len(body))
        answer = self._passed_on(body) if len(body) <= LIMIT else httpx.Response(413, html="<h1>Too large</h1>")
        self.send_response(answer.status_code)
        for name in ("content-type", "x-elastic-product"):
            if name in answer.headers:
                self.send_header(name, answer.headers[name])
        self.send_header("content-length", str(len(answer.content)))
        self.end_headers()
        self.wfile.write(answer.content)

    def do_POST(self) -> None:
        self.do_GET()

    def do_PUT(self) -> None:
        self.do_GET()

    def do_DELETE(self) -> None:
        self.do_GET()

    def _passed_on(self, body: bytes) -> httpx.Response:
        headers = {name: self.headers[name] for name in ("accept", "content-type") if self.headers[name]}
        address = f"{self.server.target}{self.path}"
        return self.server.client.request(self.command, address, content=body, headers=headers)

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


@contextmanager
def _front(target: str) -> Iterator[_Front]:
    """A proxy before a cluster, until the end of the block."""
    with httpx.Client(timeout=PATIENCE_SECONDS) as client, _Front(target, client) as front:
        threading.Thread(target=front.serve_forever, daemon=True).start()
        try:
            yield front
        finally:
            front.shutdown()


def test_requests_become_as_small_as_a_front_takes_them(elasticsearch: str, make_event: MakeEvent) -> None:
    first, second = (
        [
            make_event(number, moment_ms=1_700_000_000_000, message="m" * 3_000)
            for number in range(start, start + EVENTS)
        ]
        for start in (0, EVENTS)
    )
    first[7] |= {"event.original": "o" * LIMIT}
    with _front(elasticsearch) as front, installation(elasticsearch) as settings:
        through = settings.model_copy(update={"hosts": (f"http://127.0.0.1:{front.server_port}",), "writers": 1})
        with closing(ElasticsearchEventStore(through)) as store:
            written = store.write(first)
            assert (written.created, [refused.index for refused in written.rejected]) == (EVENTS - 1, [7])
            assert "more than a request may have" in written.rejected[0].detail
            largest, learned = max(front.asked), len(front.asked)
            assert store.write(second).created == EVENTS
            assert max(front.asked[learned:]) < largest / 2
            assert store.search(MatchAll(), Window(), limit=1).total == 2 * EVENTS - 1
