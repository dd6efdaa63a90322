"""``demo-gateway``: takes playbooks' signed calls in place of a real gateway, and writes down what it would block."""

from __future__ import annotations

import json
import signal
import threading
import time
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from events import format_timestamp, now_ms
from fengsui.demo_gateway import HOST, DemoGateway
from fengsui.output import say
from playbooks import SignatureError
from playbooks.policy import run_policy
from playbooks.webhooks.signature import verify

_SIGNED = ("webhook-id", "webhook-timestamp", "webhook-signature")


def run_gateway(gateway: DemoGateway) -> None:
    """Answer calls until told to end: 200 to those that are signed, 401 to all others."""
    server = ThreadingHTTPServer((HOST, gateway.port), _handler(gateway))
    for number in (signal.SIGINT, signal.SIGTERM):
        # Not in the handler itself: it runs in the thread that serves, which a shutdown waits for.
        signal.signal(number, lambda *_: threading.Thread(target=server.shutdown).start())
    with server:
        server.serve_forever()


def _handler(gateway: DemoGateway) -> type[BaseHTTPRequestHandler]:
    longest = run_policy().calls.request_bytes

    class Handler(BaseHTTPRequestHandler):
        timeout = 10

        def do_POST(self) -> None:
            length = self.headers.get("Content-Length", "")
            if not (length.isascii() and length.isdigit()) or int(length[:10]) > longest:
                self._answer(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, {"error": "no length, or too long"})
                return
            headers = {name: self.headers.get(name, "") for name in _SIGNED}
            self._answer(*_take(gateway, headers, self.rfile.read(int(length))))

        def _answer(self, status: HTTPStatus, document: dict[str, str]) -> None:
            content = json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (as http.server names it)
            """Nothing: calls are written down with what was made of them."""

    return Handler


def _take(gateway: DemoGateway, headers: dict[str, str], body: bytes) -> tuple[HTTPStatus, dict[str, str]]:
    """Verify a call, write it down, and answer."""
    try:
        call_id = verify(headers, body, [gateway.secret], int(time.time()), run_policy().webhooks.tolerance_seconds)
    except SignatureError as error:
        say(f"demo gateway 演示网关: refused a call 拒绝调用: {error}")
        return HTTPStatus.UNAUTHORIZED, {"error": str(error)}
    text = body.decode("utf-8", "replace")
    line = {"received": format_timestamp(now_ms()), "headers": headers, "body": text}
    with gateway.calls.open("a", encoding="utf-8") as calls:
        calls.write(json.dumps(line, ensure_ascii=False) + "\n")
    say(f"demo gateway 演示网关: signature holds, done 签名有效,已执行: {text}")
    return HTTPStatus.OK, {"operation": call_id, "outcome": "done"}
