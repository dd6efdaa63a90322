"""A running installation, as its user meets it: what it prints, its API, its processes."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from tests.patience import until


@dataclass
class Running:
    process: subprocess.Popen[bytes]
    log: Path
    address: str

    def said(self, pattern: str) -> re.Match[str]:
        """What it printed that matches, as soon as it has."""
        return until(lambda: re.search(pattern, self.log.read_text(encoding="utf-8")))

    def sign_in(self, name: str = "admin") -> httpx.Client:
        """The first administrator, or one of the people of the sample city."""
        until(self.listens)
        client = httpx.Client(base_url=self.address, headers={"Origin": self.address.rstrip("/")}, timeout=60)
        answer = client.post("/api/v1/sessions", json={"name": name, "password": self.password_of(name)})
        assert answer.status_code == 201, answer.text
        client.headers["X-CSRF-Token"] = answer.json()["csrf_token"]
        return client

    def listens(self) -> bool:
        """Whether the API takes connections."""
        with closing(socket.socket()) as probe:
            return probe.connect_ex(("127.0.0.1", urlsplit(self.address).port or 0)) == 0

    def password_of(self, name: str) -> str:
        if name == "admin":
            return self.said(r"password 口令\s+(\S+)").group(1)
        self.said(r"演示账号")
        lines = (self.log.parent / "data" / "demo-accounts.txt").read_text(encoding="utf-8").splitlines()
        return {line.split()[0]: line.split()[1] for line in lines}[name]

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


def free_port() -> int:
    """A port that nobody listens at."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start_up(folder: Path, *options: str, **environment: str) -> Running:
    """``fengsui up`` in a folder, with its data there."""
    port = free_port()
    log = folder / "log"
    command = [sys.executable, "-m", "fengsui", "up", "--data-dir", "data", "--port", str(port), *options]
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=folder, env={**os.environ, **environment}, stdout=output, stderr=output)
    return Running(process, log, f"http://127.0.0.1:{port}/")
