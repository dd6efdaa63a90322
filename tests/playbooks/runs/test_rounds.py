"""Rounds that are begun anew after a crash, although their run has gone on without them."""

from __future__ import annotations

from ipaddress import ip_network

from playbooks import AddressGuard, NewRun, start_run
from playbooks.actions.calling import Caller
from playbooks.credentials import Credentials
from playbooks.runs.calls import Runner
from playbooks.runs.models import Run
from tests.playbooks.conftest import KEY, Installation, Receiver, editor, http_step, playbook, step, target


def test_a_round_moves_its_run_only_while_the_run_is_its_own(installation: Installation, receiver: Receiver) -> None:
    call = step("action", 2)
    document = playbook(1, {call: http_step("POST /do", step("end", 9))}, target_definitions=target(receiver.port))
    playbook_id = installation.add(document)
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
