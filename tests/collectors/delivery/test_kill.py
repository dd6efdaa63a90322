"""Killed at twenty random moments while it ingests: nothing is lost, nothing is doubled."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from subprocess import PIPE
from types import ModuleType
from typing import IO

import httpx
import pytest

from collectors.delivery import DeadLetterFilter, repository
from store.embedded import EmbeddedEventStore
from store.event_store import Window
from store.query.tree import Exists
from tests.patience import PATIENCE_SECONDS

KILLS = 20
MOST_LINES, MOST_PUSHES = 4_000, 800
PROGRAM = Path(__file__).with_name("ingest_until_killed.py")


class Process:
    """The collector in a process of its own, started again whenever it was killed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.errors = (folder / "stderr").open("ab")
        command = [sys.executable, str(PROGRAM), str(folder)]
        self.nursery = subprocess.Popen(command, stdin=PIPE, stdout=PIPE, stderr=self.errors, text=True)
        self.start()

    def start(self) -> None:
        (self.folder / "port").unlink(missing_ok=True)
        self._pipe("stdin").write("start\n")
        self._pipe("stdin").flush()
        self.pid = int(self._pipe("stdout").readline())

    def end(self, how: signal.Signals) -> int:
        os.kill(self.pid, how)
        return int(self._pipe("stdout").readline())

    def close(self) -> None:
        self._pipe("stdin").close()
        assert self.nursery.wait(PATIENCE_SECONDS) == 0, (self.folder / "stderr").read_text()[-3000:]
        self._pipe("stdout").close()
        self.errors.close()

    def _pipe(self, name: str) -> IO[str]:
        pipe: IO[str] = getattr(self.nursery, name)
        return pipe

    def port(self) -> int | None:
        try:
            return int((self.folder / "port").read_text())
        except (OSError, ValueError):
            return None


def record(kind: str, number: int) -> bytes:
    if number % 29 == 0:
        return b"broken %s %d" % (kind.encode(), number)
    return b'{"t":%d,"n":%d,"kind":"%s"}' % (1_767_225_600 + number % 3 * 86_400, number, kind.encode())


def write_log(folder: Path, stop: threading.Event, written: list[bytes]) -> None:
    """Append lines, in pieces that end anywhere, and rotate now and then."""
    dice = random.Random(1)
    logs = folder / "logs"
    log = logs / "app.log"
    for number in range(1, MOST_LINES + 1):
        if stop.is_set():
            return
        line = record("file", number)
        cut = dice.randint(0, len(line))
        with log.open("ab", buffering=0) as file:
            file.write(line[:cut])
            file.write(line[cut:] + b"\n")
        written.append(line)
        if number % 150 == 0:
            log.rename(logs / f"app.log.{number}")
        time.sleep(0.004)


def push(process: Process, stop: threading.Event, pushed: list[bytes]) -> None:
    """Push batches under a key, each until it is answered, as a client must."""
    for number in range(0, MOST_PUSHES * 5, 5):
        if stop.is_set():
            return
        body = [record("push", number + part) for part in range(1, 6)]
        key = f"push-{number}"
        while not _is_taken(process, b"\n".join(body), key):
            time.sleep(0.02)
        pushed += body
        time.sleep(0.01)


def _is_taken(process: Process, body: bytes, key: str) -> bool:
    port = process.port()
    if port is None:
        return False
    headers = {"Authorization": "Bearer token", "Idempotency-Key": key}
    try:
        response = httpx.post(f"http://127.0.0.1:{port}/intake/push", content=body, headers=headers, timeout=60)
    except httpx.TransportError:
        return False
    return response.status_code == 202


@pytest.mark.fault
def test_twenty_kills(tmp_path: Path, plain: ModuleType) -> None:
    (tmp_path / "logs").mkdir()
    dice = random.Random(20)
    process = Process(tmp_path)
    stop = threading.Event()
    written: list[bytes] = []
    pushed: list[bytes] = []
    threads = [
        threading.Thread(target=write_log, args=(tmp_path, stop, written)),
        threading.Thread(target=push, args=(process, stop, pushed)),
    ]
    for thread in threads:
        thread.start()
    try:
        for _ in range(KILLS):
            _await_port(process)
            time.sleep(dice.uniform(0, 0.4))
            assert process.end(signal.SIGKILL) == -signal.SIGKILL
            process.start()
    finally:
        stop.set()
        _await_port(process)
        for thread in threads:
            thread.join(PATIENCE_SECONDS)
    _settle(tmp_path, plain, len(written) + len(pushed))
    assert process.end(signal.SIGTERM) == 0
    process.close()
    _check(tmp_path, plain, sorted(written + pushed))


def _await_port(process: Process) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while process.port() is None and time.monotonic() < deadline:
        time.sleep(0.02)


def _settle(folder: Path, plain: ModuleType, count: int) -> None:
    """Wait until as many records as were written are accounted for."""
    records = plain.open_records(f"sqlite:///{folder / 'records.db'}")
    reader = EmbeddedEventStore(folder / "events", "read")
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        with records.read() as session:
            dead = sum(item.count for item in repository.count_dead_letters(session))
        if reader.search(Exists("event.id"), Window(), limit=1).total + dead >= count:
            break
        time.sleep(0.1)
    time.sleep(0.5)  # what is doubled would come now
    reader.close()
    records.close()


def _check(folder: Path, plain: ModuleType, expected: list[bytes]) -> None:
    records = plain.open_records(f"sqlite:///{folder / 'records.db'}")
    store = EmbeddedEventStore(folder / "events", "read")
    events = store.search(Exists("event.id"), Window(), limit=10_000).events
    with records.read() as session:
        letters = repository.find_dead_letters(session, DeadLetterFilter(), limit=10_000)
    found = [str(event["event.original"]).encode() for event in events] + [item.letter.raw for item in letters]
    assert len(expected) > 300
    assert sorted(found) == expected
    assert any(item.letter.raw.startswith(b"broken") for item in letters)
    alarming = sorted(str(event["event.id"]) for event in events if str(event["message"]).endswith("7"))
    assert plain.alerts(records) == alarming
    store.close()
    records.close()
