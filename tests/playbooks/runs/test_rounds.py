"""Rounds that are begun anew after a crash, although their run has gone on without them; rounds that can't begin."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from ipaddress import ip_network
from typing import Any

import pytest
from structlog.testing import capture_logs

from playbooks import AddressGuard, NewRun, start_run
from playbooks.actions.calling import Caller
from playbooks.credentials import Credentials
from playbooks.runs.calls import Runner
from playbooks.runs.models import Run
from tests.playbooks.conftest import KEY, Installation, Receiver, editor, http_step, playbook, step, target

IN_A_FILE = pytest.mark.parametrize("records_engine", ["sqlite"], indirect=True)
"""With SQLite the workflows have a file of their own, which can be hurt while the records are well."""


def test_a_round_moves_its_run_only_while_the_run_is_its_own(installation: Installation, receiver: Receiver) -> None:
    playbook_id = installation.add(_one_call(receiver))
    with installation.records.begin() as session:
        run_id = start_run(session, NewRun(playbook_id), editor()).id
        session.get_one(Run, run_id).round_number = 2
    guard = AddressGuard((ip_network("127.0.0.0/8"),), frozenset({receiver.port}))
    runner = Runner(installation.records, Caller(guard), Credentials(KEY))
    runner.move(run_id, 2)  # at rest: the next round takes it up
    with installation.records.begin() as session:
        session.get_one(Run, run_id).is_moving = True
    runner.move(run_id, 1)  # in the hands of the next round
    assert (receiver.requests, installation.run(run_id).state) == ([], "running")
    runner.move(run_id, 2)
    assert (len(receiver.requests), installation.run(run_id).state) == (1, "succeeded")


@IN_A_FILE
def test_a_worker_that_could_not_begin_begins_later(installation: Installation, receiver: Receiver) -> None:
    workflows = installation.folder / "workflows.sqlite3"
    workflows.write_bytes(b"no database " * 100)
    run_id = installation.start(_one_call(receiver))
    with capture_logs() as logs, installation.working():
        installation.until(lambda: [line for line in logs if line["event"].startswith("playbooks can't work yet")])
        assert receiver.requests == []
        workflows.unlink()
        assert installation.ended(run_id).state == "succeeded"
    assert receiver.paths() == ["POST /do"]


@IN_A_FILE
def test_a_run_whose_round_could_not_begin_is_taken_up_again(installation: Installation, receiver: Receiver) -> None:
    with capture_logs() as logs, installation.working():
        assert installation.ended(installation.start(_one_call(receiver))).state == "succeeded"
        with closing(sqlite3.connect(installation.folder / "workflows.sqlite3")) as workflows:
            workflows.execute("ALTER TABLE workflow_status RENAME TO away")
            run_id = installation.start(_one_call(receiver))
            installation.until(lambda: installation.run(run_id).round_number)
            installation.until(lambda: [line for line in logs if line["event"].startswith("playbooks failed")])
            assert installation.run(run_id).state == "running"
            workflows.execute("ALTER TABLE away RENAME TO workflow_status")
        assert installation.ended(run_id).state == "succeeded"
    assert receiver.paths() == ["POST /do"] * 2


def _one_call(receiver: Receiver) -> dict[str, Any]:
    call = http_step("POST /do", step("end", 9))
    return playbook(1, {step("action", 2): call}, target_definitions=target(receiver.port))
