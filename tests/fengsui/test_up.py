"""Everything in one process tree, with the sample city, as ``make run`` starts it."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import httpx
import pytest

PATIENCE_SECONDS = 90


@dataclass
class Running:
    process: subprocess.Popen[bytes]
    log: Path
    address: str

    def said(self, pattern: str) -> re.Match[str]:
        """What it printed that matches, as soon as it has."""
        return until(lambda: re.search(pattern, self.log.read_text(encoding="utf-8")))

    def sign_in(self) -> httpx.Client:
        password = self.said(r"password 口令\s+(\S+)").group(1)
        client = httpx.Client(base_url=self.address, headers={"Origin": self.address.rstrip("/")}, timeout=30)
        answer = client.post("/api/v1/sessions", json={"name": "admin", "password": password})
        assert answer.status_code == 201, answer.text
        client.headers["X-CSRF-Token"] = answer.json()["csrf_token"]
        return client

    def children(self) -> dict[str, int]:
        """Name and process id of the children."""
        found = {}
        for status in Path("/proc").glob("[0-9]*/stat"):
            try:
                parent = int(status.read_text(encoding="utf-8").rpartition(")")[2].split()[1])
                command = (status.parent / "cmdline").read_bytes().decode().split("\0")
            except (OSError, ValueError, IndexError):
                continue
            if parent == self.process.pid and "--supervised" in command:
                found[command[3]] = int(status.parent.name)
        return found


Found = TypeVar("Found")


def until(found: Callable[[], Found]) -> Found:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (result := found()):
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.2)
    return result


@pytest.fixture
def up(tmp_path: Path) -> Iterator[Running]:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = tmp_path / "log"
    command = [sys.executable, "-m", "fengsui", "up", "--demo", "--data-dir", "data", "--port", str(port)]
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=tmp_path, stdout=output, stderr=output)
    yield Running(process, log, f"http://127.0.0.1:{port}/")
    if process.poll() is None:
        process.terminate()
        process.wait(60)


@pytest.mark.fault
def test_the_sample_city_shows_alerts_survives_a_killed_collector_and_ends_in_good_order(up: Running) -> None:
    with closing(up.sign_in()) as client:

        def alerts() -> dict[str, int]:
            found = client.get("/api/v1/alerts", params={"limit": 100}).json()["alerts"]
            return {alert["id"]: alert["count"] for alert in found}

        def settled() -> bool:
            return sum(source["events"] for source in client.get("/api/v1/sources").json()) > 9_000

        until(settled)
        before = until(alerts)
        os.kill(up.children()["collect"], signal.SIGKILL)
        up.said("collect ended with status -9; starting it again")
        until(lambda: "collect" in up.children())
        until(settled)
        assert {id_: count for id_, count in alerts().items() if id_ in before} == before
    up.process.terminate()
    assert up.process.wait(60) == 0
    assert "Traceback" not in up.log.read_text(encoding="utf-8")


@pytest.mark.fault
def test_the_children_of_a_killed_parent_end_too(up: Running) -> None:
    up.said("Ctrl-C")
    children = up.children()
    assert set(children) == {"collect", "serve"}
    up.process.kill()
    up.process.wait()
    until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in children.values()))


def test_a_port_that_is_taken_is_told_before_anything_starts(tmp_path: Path) -> None:
    with closing(socket.socket()) as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        command = [sys.executable, "-m", "fengsui", "up", "--data-dir", "data", "--port", str(port)]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert f"127.0.0.1:{port}" in done.stderr
    assert "--port" in done.stderr
    assert not (tmp_path / "data").exists()
