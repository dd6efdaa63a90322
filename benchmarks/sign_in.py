"""How long people wait for a sign-in over HTTP, one after the other and four at once, and what it is made of.

Usage: python -m benchmarks.sign_in [SIGN-INS]. Runs the application on a port of this machine with SQLite.
"""

from __future__ import annotations

import os
import platform
import socket
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import httpx
import uvicorn

from api.app import create_app
from api.dependencies import ApiDependencies, ApiSettings
from api.identity.accounts import NewAccount, create_user
from api.identity.passwords import password_matches
from api.identity.repository import find_user
from audit import Actor, AuditEntry, record
from store.embedded import EmbeddedEventStore
from store.records import RecordsDatabase
from store.records.migrate import upgrade

PEOPLE, PASSWORD, AT_ONCE = 20, "a long enough phrase", 4
SETUP = Actor("system", "benchmark", "benchmark")


def main() -> None:
    """Measure and print."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    with tempfile.TemporaryDirectory() as folder:
        records = RecordsDatabase(f"sqlite:///{folder}/records.db")
        upgrade(records)
        with records.begin() as session:
            for number in range(PEOPLE):
                create_user(session, NewAccount(f"person-{number}", PASSWORD, ["analyst"]), SETUP)
        with served(records, Path(folder)) as url:
            sign_ins(url, AT_ONCE, 1)
            print(f"{platform.machine()} {os.cpu_count()} cores; load {os.getloadavg()[0]:.1f}")
            told("sign-in, one after the other", sign_ins(url, count, 1))
            told(f"sign-in, {AT_ONCE} at once", sign_ins(url, count, AT_ONCE))
        told("of it: the password's hash", timed(count, lambda: password_matches(hash_of(records), PASSWORD)))
        told("of it: a transaction with one audit record", timed(count, lambda: audited(records)))
        records.close()


@contextmanager
def served(records: RecordsDatabase, folder: Path) -> Iterator[str]:
    """The application on a free port."""
    events = EmbeddedEventStore(folder / "events")
    settings = ApiSettings(secure_cookies=False)
    application = create_app(ApiDependencies(records, events, secret_key=b"k" * 32, settings=settings))
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(application, log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    thread.join()
    events.close()


def sign_ins(url: str, count: int, at_once: int) -> list[float]:
    """Seconds that each sign-in took."""

    def one(number: int) -> float:
        body = {"name": f"person-{number % PEOPLE}", "password": PASSWORD}
        with httpx.Client(base_url=url, timeout=60) as client:
            started = time.perf_counter()
            answer = client.post("/api/v1/sessions", json=body)
            seconds = time.perf_counter() - started
        answer.raise_for_status()
        return seconds

    with ThreadPoolExecutor(at_once) as pool:
        return list(pool.map(one, range(count)))


def timed(count: int, done: Callable[[], object]) -> list[float]:
    """Seconds that each of some calls took."""
    found = []
    for _ in range(count):
        started = time.perf_counter()
        done()
        found.append(time.perf_counter() - started)
    return found


def hash_of(records: RecordsDatabase) -> str:
    """The hash of one of the people."""
    with records.read() as session:
        user = find_user(session, "person-0")
        return user.password_hash or "" if user else ""


def audited(records: RecordsDatabase) -> None:
    """One record in a transaction of its own."""
    with records.begin() as session:
        record(session, AuditEntry(SETUP, "benchmark:write", "benchmark", "1"))


def told(what: str, seconds: list[float]) -> None:
    """One line of figures."""
    cuts = statistics.quantiles(seconds, n=20)
    print(
        f"{what:<48} p50 {statistics.median(seconds) * 1000:7.1f} ms   p95 {cuts[-1] * 1000:7.1f} ms   n {len(seconds)}"
    )


if __name__ == "__main__":
    main()
