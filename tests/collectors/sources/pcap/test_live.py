"""Live capture from the loopback interface: documents come, and nothing of it is left running."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from collectors.record import Record
from collectors.sources.pcap import LiveOptions, TsharkFailedError, live_capture
from tests.patience import PATIENCE_SECONDS


def _may_capture() -> bool:
    try:
        socket.socket(socket.AF_PACKET, socket.SOCK_RAW).close()
    except OSError:
        return False
    return True


pytestmark = pytest.mark.skipif(not _may_capture(), reason="listening to an interface needs root or cap_net_raw")
_RESPONSE = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@pytest.fixture
def server() -> Iterator[int]:
    """A port at which every connection is answered."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.2)
        done = threading.Event()

        def answer() -> None:
            while not done.is_set():
                try:
                    connection, _ = listener.accept()
                except TimeoutError:
                    continue
                with connection:
                    connection.recv(1000)
                    connection.sendall(_RESPONSE)

        thread = threading.Thread(target=answer)
        thread.start()
        yield listener.getsockname()[1]
        done.set()
        thread.join()


def _ask(port: int, until: threading.Event) -> None:
    """Ask again and again: when the capture has begun can't be known from outside."""
    while not until.is_set():
        with socket.create_connection(("127.0.0.1", port)) as connection:
            connection.sendall(b"GET /live HTTP/1.1\r\nHost: here\r\n\r\n")
            connection.recv(1000)
        time.sleep(0.2)


def _own_processes_and_pipes() -> tuple[str, int]:
    children = Path(f"/proc/self/task/{os.getpid()}/children").read_text(encoding="ascii")
    return children, len(list(Path("/proc/self/fd").iterdir()))


def _first_exchange(port: int) -> Record:
    stop = threading.Event()
    asking = threading.Thread(target=_ask, args=(port, stop))
    asking.start()
    try:
        for record in live_capture("lo", stop, LiveOptions(capture_filter=f"tcp port {port}")):
            if record.document and record.document["kind"] == "http":
                return record
    finally:
        stop.set()
        asking.join()
    raise AssertionError("the capture ended without an exchange")


@pytest.mark.timeout(90)
def test_an_exchange_is_seen_and_nothing_is_left_behind(server: int) -> None:
    _first_exchange(server)  # what a first use opens for good (entropy, locales) does not count
    before = _own_processes_and_pipes()
    record = _first_exchange(server)
    assert record.document is not None
    document: dict[str, Any] = dict(record.document)
    assert (document["request"]["uri"], document["response"]["status"]) == ("/live", 200)
    assert _own_processes_and_pipes() == before


@pytest.mark.timeout(90)
def test_frames_that_find_no_room_are_dropped_and_told(server: int) -> None:
    stop, dropped = threading.Event(), threading.Event()
    asking = threading.Thread(target=_ask, args=(server, dropped))
    options = LiveOptions(f"tcp port {server}", waiting_frames=1, on_dropped=dropped.set)
    records = live_capture("lo", stop, options)
    asking.start()
    try:
        next(records)  # the capture runs on while nobody takes its frames
        assert dropped.wait(PATIENCE_SECONDS)
    finally:
        dropped.set()
        asking.join()
        stop.set()
        list(records)


def test_an_interface_that_does_not_exist_is_an_error_that_says_so() -> None:
    with pytest.raises(TsharkFailedError, match="no-such-if"):
        list(live_capture("no-such-if", threading.Event()))
