"""Runs do what their playbooks say: every kind of step, values, answers, and an end when they are cancelled."""

from __future__ import annotations

import json
import threading

import pytest
from sqlalchemy import select

from audit import AuditRecord
from playbooks import (
    Answer,
    InvalidAnswerError,
    NewRun,
    RunConflictError,
    VariableError,
    answer_run,
    start_run,
)
from playbooks.runs.vocabulary import Wait
from registry import UnitScope
from tests.playbooks.conftest import (
    Installation,
    Receiver,
    editor,
    http_step,
    own_step,
    playbook,
    step,
    target,
)
from tests.playbooks.runs.waiting import END, A, B, waiting_token


def test_actions_follow_each_other_and_pass_values_on(installation: Installation, receiver: Receiver) -> None:
    receiver.answer = lambda _m, path, *_: (200, b'{"ticket": "T 7/9"}' if path == "/open" else b"{}")
    document = playbook(
        1,
        {
            A: http_step("POST /open HTTP/1.1", B, out_args=["__ticket__"], content='{"who": "__who__:value"}'),
            B: http_step("GET /tickets/__ticket__:value HTTP/1.1", END),
        },
        target_definitions=target(receiver.port),
        playbook_variables={"__who__": {"type": "string", "external": True}, "__ticket__": {"type": "string"}},
    )
    with installation.working():
        run = installation.ended(installation.start(document, __who__='"}, {"x": "y'))
    assert run.state == "succeeded"
    assert receiver.paths() == ["POST /open", "GET /tickets/T%207%2F9"]
    assert json.loads(receiver.requests[0][3]) == {"who": '"}, {"x": "y'}
    with installation.records.read() as session:
        actions = session.scalars(select(AuditRecord.action).where(AuditRecord.object_id == run.id)).all()
    assert list(actions) == ["run:start", "run:end"]


LOOP, EITHER, SWITCH, BOTH = (
    step(kind, number)
    for number, kind in enumerate(("while-condition", "if-condition", "switch-condition", "parallel"), start=2)
)
MORE, YES, NO, SEVEN, OTHER, LEFT, RIGHT = (step("action", 20 + number) for number in range(7))
INNER = step("end", 8)
BRANCHING = {
    LOOP: {
        "type": "while-condition",
        "condition": "__count__:value < 3",
        "on_true": MORE,
        "on_completion": EITHER,
    },
    EITHER: {
        "type": "if-condition",
        "condition": "__count__:value = 3 AND NOT __name__:value LIKE 'x%'",
        "on_true": YES,
        "on_false": NO,
        "on_completion": SWITCH,
    },
    SWITCH: {
        "type": "switch-condition",
        "switch": "__name__:value",
        "cases": {"seven": SEVEN, "default": OTHER},
        "on_completion": BOTH,
    },
    BOTH: {"type": "parallel", "next_steps": [LEFT, RIGHT], "on_completion": END},
    INNER: {"type": "end"},
}
CALLS = {
    MORE: http_step("POST /more HTTP/1.1", INNER, out_args=["__count__"]),
    YES: http_step("GET /yes HTTP/1.1", INNER),
    NO: http_step("GET /no HTTP/1.1", INNER),
    SEVEN: http_step("GET /seven HTTP/1.1", INNER),
    OTHER: http_step("GET /other HTTP/1.1", BOTH),
    LEFT: http_step("GET /left HTTP/1.1", INNER),
    RIGHT: http_step("GET /right HTTP/1.1", INNER, delay=50),
}


def test_conditions_loops_switches_and_branches(installation: Installation, receiver: Receiver) -> None:
    count = iter(range(1, 10))
    receiver.answer = lambda _m, path, *_: (200, f'{{"count": "{next(count)}"}}'.encode() if path == "/more" else b"{}")
    variables = {"__count__": {"type": "integer", "value": "0"}, "__name__": {"type": "string", "value": "seven"}}
    steps = {**BRANCHING, **CALLS}
    document = playbook(2, steps, target_definitions=target(receiver.port), playbook_variables=variables)
    with installation.working():
        run = installation.ended(installation.start(document))
    assert (run.state, run.problem) == ("succeeded", None)
    assert receiver.paths() == ["POST /more"] * 3 + ["GET /yes", "GET /seven", "GET /left", "GET /right"]


def test_a_playbook_calls_another_and_takes_its_values(installation: Installation, receiver: Receiver) -> None:
    receiver.answer = lambda *_: (200, b'{"answer": "42"}')
    variables = {"__answer__": {"type": "string"}, "__question__": {"type": "string", "external": True}}
    inner = playbook(
        3,
        {A: http_step("GET /__question__:value HTTP/1.1", END, out_args=["__answer__"])},
        target_definitions=target(receiver.port),
        playbook_variables=variables,
    )
    call = step("playbook-action", 2)
    outer = playbook(
        4,
        {
            call: {
                "type": "playbook-action",
                "playbook_id": installation.add(inner),
                "in_args": ["__question__"],
                "out_args": ["__answer__"],
                "on_completion": END,
            }
        },
        playbook_variables=variables,
    )
    with installation.working():
        run = installation.ended(installation.start(outer, __question__="why"))
    assert (run.state, run.variables["__answer__"], receiver.paths()) == ("succeeded", "42", ["GET /why"])


def test_people_answer_in_the_form_that_is_asked_for(installation: Installation) -> None:
    schema = {"type": "object", "properties": {"__choice__": {"enum": ["yes", "no"]}}, "required": ["__choice__"]}
    ask = own_step("manual", END, {}, answer=schema, out_args=["__choice__"])
    document = playbook(8, {A: ask}, playbook_variables={"__choice__": {"type": "string"}})
    with installation.working():
        run_id = installation.start(document)
        token = waiting_token(installation, run_id, Wait.ANSWER)
        with installation.records.begin() as session, pytest.raises(InvalidAnswerError, match="__choice__"):
            answer_run(session, UnitScope.everything(), run_id, Answer(token.id, {"__choice__": "?"}), editor().by)
        with installation.records.begin() as session:
            answer_run(session, UnitScope.everything(), run_id, Answer(token.id, {"__choice__": "yes"}), editor().by)
        run = installation.ended(run_id)
        with installation.records.begin() as session, pytest.raises(RunConflictError):
            answer_run(session, UnitScope.everything(), run_id, Answer(token.id, {"__choice__": "no"}), editor().by)
    assert (run.state, run.variables["__choice__"]) == ("succeeded", "yes")


def test_waiting_runs_hold_no_thread(installation: Installation) -> None:
    document = playbook(9, {A: own_step("manual", END, {})})
    with installation.working():
        runs = [installation.start(document) for _ in range(40)]
        for run_id in runs:
            waiting_token(installation, run_id, Wait.ANSWER)
        assert threading.active_count() < 40


def test_runs_need_their_external_values_and_take_no_others(installation: Installation) -> None:
    document = playbook(
        10,
        {A: own_step("manual", END, {})},
        playbook_variables={
            "__needed__": {"type": "string", "external": True},
            "__fixed__": {"type": "string", "value": "x", "constant": True, "external": True},
        },
    )
    playbook_id = installation.add(document)
    for given in ({}, {"__needed__": "a", "__fixed__": "y"}, {"__needed__": "a", "__other__": "z"}):
        with installation.records.begin() as session, pytest.raises(VariableError):
            start_run(session, NewRun(playbook_id, given), editor())
