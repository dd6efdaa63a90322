"""Killed without warning, again and again: no action doubled, none lost, no run stuck, no approval lost.

``FENGSUI_KILLS`` says how often the worker is killed (a few without it).
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from audit.authorship import ChangedBy
from events import now_ms
from playbooks import Decider, Decision, NewRun, decide, start_run
from playbooks.runs.models import Approval, Operation, Run
from playbooks.runs.vocabulary import ENDED, ApprovalState
from registry import UnitScope
from tests.playbooks.conftest import BOB, Installation, Receiver, editor, http_step, playbook, step, target

KILLS = int(os.environ.get("FENGSUI_KILLS", "3"))
A, B, C, D, END = step("action", 2), step("action", 3), step("action", 4), step("action", 5), step("end", 9)
_WORKER = """
import sys, time
from ipaddress import ip_network
from pathlib import Path
from playbooks import AddressGuard, WorkSurroundings, build_worker
from store.records import RecordsDatabase
url, folder, port = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
guard = AddressGuard((ip_network("127.0.0.0/8"),), frozenset({port}))
build_worker(RecordsDatabase(url), WorkSurroundings(folder, b"k" * 32, guard)).start()
time.sleep(3600)
"""


class Ledger:
    """A receiver that does what it is asked, fails now and then before or after doing it, and can be asked."""

    def __init__(self, chance: random.Random) -> None:
        self.done: Counter[str] = Counter()
        self._chance = chance
        self._lock = threading.Lock()

    def __call__(self, method: str, path: str, headers: dict[str, str], _body: bytes) -> tuple[int, bytes]:
        if method == "GET":
            with self._lock:
                return (200 if self.done[path.rsplit("/", 1)[1]] else 404), b"{}"
        time.sleep(self._chance.random() * 0.05)
        if self._chance.random() < 0.2:
            return 503, b"{}"
        with self._lock:
            self.done[headers["x-operation"]] += 1
        return 200, b"{}"


def _act(then: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401 (any property of a step)
    acting = http_step(
        "POST /do HTTP/1.1",
        then,
        probe={"command": "GET /done/__operation_id__:value HTTP/1.1"},
        retry={"attempts": 20, "first_wait_seconds": 0.05},
        **more,
    )
    acting["commands"][0]["headers"] = {"X-Operation": ["__operation_id__:value"]}
    return acting


def _approve_all(installation: Installation) -> None:
    with installation.records.begin() as session:
        pending = session.scalars(select(Approval).where(Approval.state == ApprovalState.PENDING.value)).all()
        for approval in pending:
            by = ChangedBy(BOB, now_ms())
            decider = Decider(by, frozenset({"data_administrator"}), UnitScope.everything())
            decide(session, Decision(approval.id, is_approved=True, plan_digest=approval.plan_digest), decider)


@pytest.mark.fault
@pytest.mark.timeout(3600)
def test_killed_workers_double_lose_and_forget_nothing(installation: Installation, receiver: Receiver) -> None:
    chance = random.Random(20261122)
    ledger = Ledger(chance)
    receiver.answer = ledger
    playbook_id = installation.add(_document(receiver))
    runs: list[str] = []
    for _ in range(KILLS):
        runs += _started(installation, playbook_id, 3)
        with _worker(installation, receiver) as worker:
            _wait_for_life(installation, chance)
            _approve_all(installation)
            time.sleep(chance.random() * 0.5)
            worker.send_signal(signal.SIGKILL)
    with _worker(installation, receiver):
        installation.until(lambda: _approve_all(installation) or _all_ended(installation), 180 + KILLS * 10)
    _check(installation, ledger, runs)


@pytest.mark.fault
def test_a_second_worker_takes_over_where_the_first_was_killed(installation: Installation, receiver: Receiver) -> None:
    chance = random.Random(20261123)
    ledger = Ledger(chance)
    receiver.answer = ledger
    runs = _started(installation, installation.add(_document(receiver)), 6)
    with _worker(installation, receiver) as first:
        _wait_for_life(installation, chance)
        with _worker(installation, receiver):
            _approve_all(installation)
            time.sleep(0.5)
            first.send_signal(signal.SIGKILL)
            installation.until(lambda: _approve_all(installation) or _all_ended(installation))
    _check(installation, ledger, runs)


def _document(receiver: Receiver) -> dict[str, Any]:
    approval = {"role": "data_administrator", "covers": [C]}
    return playbook(
        1,
        {
            A: _act(step("parallel", 6)),
            step("parallel", 6): {"type": "parallel", "next_steps": [B, D], "on_completion": END},
            B: _act(C, approval=approval),
            C: _act(step("end", 8)),
            D: _act(step("end", 8), delay=100),
            step("end", 8): {"type": "end"},
        },
        target_definitions=target(receiver.port),
    )


def _started(installation: Installation, playbook_id: str, count: int) -> list[str]:
    with installation.records.begin() as session:
        return [start_run(session, NewRun(playbook_id), editor()).id for _ in range(count)]


@contextmanager
def _worker(installation: Installation, receiver: Receiver) -> Iterator[subprocess.Popen[bytes]]:
    """A process that works, and is killed in the end, whatever came about."""
    url = installation.records.url.render_as_string(hide_password=False)
    command = [sys.executable, "-c", _WORKER, url, str(installation.folder), str(receiver.port)]
    with subprocess.Popen(command) as process:
        try:
            yield process
        finally:
            process.kill()


def _wait_for_life(installation: Installation, chance: random.Random) -> None:
    """Mostly until the worker has begun to act, now and then only a moment, so that kills fall anywhere."""
    if chance.random() < 0.2:
        time.sleep(chance.random())
        return
    before = _acted(installation)
    installation.until(lambda: _acted(installation) > before)


def _acted(installation: Installation) -> int:
    with installation.records.read() as session:
        return session.query(Operation).count()


def _all_ended(installation: Installation) -> bool:
    with installation.records.read() as session:
        return all(state in ENDED for state in session.scalars(select(Run.state)))


def _check(installation: Installation, ledger: Ledger, runs: list[str]) -> None:
    with installation.records.read() as session:
        states = Counter(session.scalars(select(Run.state).where(Run.id.in_(runs))))
        done = set(session.scalars(select(Operation.id).where(Operation.state == "done")))
        approvals = Counter(session.scalars(select(Approval.state)))
    assert states == {"succeeded": len(runs)}
    assert len(done) == 4 * len(runs)
    assert set(ledger.done) - {key for key, count in ledger.done.items() if not count} == done
    assert {count for count in ledger.done.values() if count} == {1}
    assert approvals == {"approved": len(runs)}
    is_sqlite = installation.records.url.get_backend_name() == "sqlite"
    assert Path(installation.folder / "workflows.sqlite3").exists() == is_sqlite
