"""Playbooks that others wrote validate and run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy import select

from playbooks import Answer, NewRun, add_playbook, answer_run, get_playbook, start_run
from playbooks.runs.dry_run import dry_run
from playbooks.runs.models import Token
from playbooks.runs.repository import operations_of
from playbooks.runs.vocabulary import Wait
from registry import UnitScope
from tests.playbooks.conftest import Installation, Receiver, editor


@pytest.mark.shared_data
def test_the_http_example_calls_a_receiver(installation: Installation, receiver: Receiver, shared_data: Path) -> None:
    receiver.answer = lambda *_: (200, b'{"origin": "127.0.0.1"}')
    document = json.loads((shared_data / "cacao/examples/http-playbook.json").read_text(encoding="utf-8"))
    [target] = [each for each in document["target_definitions"].values() if each["type"] == "http-api"]
    target["address"] = {"url": [f"http://127.0.0.1:{receiver.port}"]}
    with installation.working():
        run = installation.ended(installation.start(document))
    assert (run.state, run.problem, receiver.paths()) == ("succeeded", None, ["GET /get"])
    with installation.records.read() as session:
        [operation] = operations_of(session, run.id)
    assert (operation.state, (operation.result or {})["status"]) == ("done", 200)


@pytest.mark.shared_data
def test_examples_of_others_validate_and_run(installation: Installation, shared_data: Path) -> None:
    ids = {}
    with installation.records.begin() as session:
        for file in sorted((shared_data / "cacao/examples").glob("*.json")):
            ids[file.stem] = add_playbook(session, file.read_text(encoding="utf-8"), editor().by).loaded.playbook.id
        http = dry_run(session, get_playbook(session, ids["http-playbook"]).loaded.playbook, {}, editor())
        by_hand = ("fin-playbook", "manual-playbook")
        runs = [start_run(session, NewRun(ids[name]), editor()).id for name in by_hand]
    [action] = [action for step in http for action in step.actions]
    assert (action["payload"]["method"], action["payload"]["url"]) == ("GET", "https://httpbin.org:443/get")

    def answered() -> bool:
        with installation.records.begin() as session:
            for token in session.scalars(select(Token).where(Token.wait == Wait.ANSWER, Token.state == "waiting")):
                values = dict.fromkeys((token.question or {})["answers"], True)
                answer_run(session, UnitScope.everything(), token.run_id, Answer(token.id, values), editor().by)
        return all(installation.run(run_id).ended_ms for run_id in runs)

    with installation.working():
        installation.until(answered)
    assert [installation.run(run_id).state for run_id in runs] == ["succeeded", "succeeded"]
