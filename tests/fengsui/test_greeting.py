"""What ``up`` says while it starts: never that the API is there before it answers, nothing lost where it never does."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from fengsui.processes.greeting import Greeting

_NOTES = ["password 口令  4711"]


class _Health(BaseHTTPRequestHandler):
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"

    def do_GET(self) -> None:
        self.wfile.write(self.answer if self.path == "/healthz" else b"HTTP/1.1 404 Not Found\r\n\r\n")

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Iterator[HTTPServer]:
    """Has its port, but does not listen yet; a proxy that nobody runs is set for everything."""
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    with HTTPServer(("127.0.0.1", 0), _Health, bind_and_activate=False) as server:
        server.server_bind()
        yield server


def _greeting(api: HTTPServer, patience_seconds: float) -> Greeting:
    return Greeting(f"http://127.0.0.1:{api.server_port}/", _NOTES, patience_seconds)


def _look(api: HTTPServer, greeting: Greeting) -> None:
    """Look once, at an API that listens and serves one request."""
    api.server_activate()
    serving = threading.Thread(target=api.handle_request)
    serving.start()
    greeting.look()
    serving.join()


def test_greets_once_when_the_api_answers(api: HTTPServer, capsys: pytest.CaptureFixture[str]) -> None:
    with closing(_greeting(api, 3600)) as greeting:
        greeting.look()
        assert capsys.readouterr().err == ""
        _look(api, greeting)
        said = capsys.readouterr().err
        assert f"http://127.0.0.1:{api.server_port}/\n" in said
        assert "4711" in said
        greeting.look()
    assert capsys.readouterr().err == "", "neither again nor at the end"


def test_says_once_that_the_api_is_silent_where_its_log_is_and_greets_when_it_answers_after_all(
    api: HTTPServer, capsys: pytest.CaptureFixture[str]
) -> None:
    with closing(_greeting(api, 0)) as greeting:
        greeting.look()
        said = capsys.readouterr().err
        assert f"does not answer at http://127.0.0.1:{api.server_port}/" in said
        assert "lines of process serve" in said
        assert "4711" not in said
        greeting.look()
        assert capsys.readouterr().err == ""
        _look(api, greeting)
        assert "4711" in capsys.readouterr().err


def test_what_is_shown_once_is_shown_though_the_api_never_answered(
    api: HTTPServer, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_Health, "answer", b"SSH-2.0-other\r\n")
    with closing(_greeting(api, 3600)) as greeting:
        _look(api, greeting)
    said = capsys.readouterr().err
    assert "ended before the API answered" in said
    assert "4711" in said
