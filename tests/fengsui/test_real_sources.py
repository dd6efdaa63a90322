"""Real sources of a standing installation: a followed file, syslog over TCP, the HTTP intake; and a replayed letter."""

from __future__ import annotations

import hashlib
import json
import socket
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import httpx

from tests.fengsui.running import Running, free_port
from tests.patience import until

TOKEN = "a token of the test"
SETTINGS = """
[[sources]]
type = "file"
name = "portal"
paths = ["{folder}/*.log"]
follow = true
format = "nginx"

[[sources]]
type = "syslog"
name = "devices"
tcp = ["127.0.0.1:{syslog}"]

[[sources]]
type = "http"
name = "shippers"
listen = "127.0.0.1:{intake}"
token_sha256 = ["{token}"]
"""
LINE = '203.0.113.7 - - [18/Nov/2026:09:12:{second:02d} +0800] "GET /{path} HTTP/1.1" 200 5 "-" "curl/8"\n'


def found(client: httpx.Client, query: str) -> list[dict[str, object]]:
    answer = client.get("/api/v1/events", params={"q": query, "limit": 100})
    assert answer.status_code == 200, answer.text
    return list(answer.json()["events"])


def test_what_is_sent_is_found_and_a_dead_letter_can_be_tried_again(
    started: Callable[..., Running], tmp_path: Path
) -> None:
    syslog, intake = free_port(), free_port()
    token = hashlib.sha256(TOKEN.encode()).hexdigest()
    settings = SETTINGS.format(folder=tmp_path, syslog=syslog, intake=intake, token=token)
    (tmp_path / "fengsui.toml").write_text(settings, encoding="utf-8")
    log = tmp_path / "access.log"
    log.write_text(LINE.format(second=1, path="first"), encoding="utf-8")
    with closing(started().sign_in()) as client:
        until(lambda: len(found(client, "event.dataset:nginx.access")) == 1)
        with log.open("a", encoding="utf-8") as file:
            file.write(LINE.format(second=2, path="second"))
        with closing(socket.create_connection(("127.0.0.1", syslog))) as sender:
            sender.sendall(b"<134>Nov 18 2026 09:12:03 usg01 app: first message\n16 <13>second words")
        pushed = httpx.post(
            f"http://127.0.0.1:{intake}/intake/shippers",
            content=b'{"time":"2026-11-18T01:12:05Z","n":1}\n{"when":"unknown","n":2}\n',
            headers={"Authorization": f"Bearer {TOKEN}"},
        )
        assert pushed.status_code == 202
        until(lambda: len(found(client, "event.dataset:nginx.access")) == 2)
        until(lambda: len(found(client, "fengsui.source.name:devices")) == 2)
        [event] = until(lambda: found(client, "fengsui.source.name:shippers"))
        assert json.loads(str(event["event.original"]))["n"] == 1
        try_again(client)


def try_again(client: httpx.Client) -> None:
    """The letter without a time is tried again by the process that writes the store, and says why it still is none."""

    def letter() -> dict[str, object]:
        listed = client.get("/api/v1/dead-letters", params={"source": "shippers"}).json()["dead_letters"]
        return dict(listed[0]) if listed else {}

    first = until(letter)
    assert (first["reason"], first["state"]) == ("no_time", "new")
    body = {"ids": [first["id"]], "format": "kubernetes_audit"}
    assert client.post("/api/v1/dead-letters:replay", json=body).json() == {"requested": 1}
    until(lambda: letter()["state"] == "new")
    assert letter()["format"] == "kubernetes_audit"
    assert letter()["reason"] != ""
