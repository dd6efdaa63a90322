"""Runs do what their playbooks say: every kind of step, approvals, answers, retries, failures."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest
from sqlalchemy import select

from audit import Actor, AuditRecord
from audit.authorship import ChangedBy
from events import now_ms
from playbooks import (
    Answer,
    Decider,
    Decision,
    InvalidAnswerError,
    NewRun,
    NotYourApprovalError,
    RunConflictError,
    VariableError,
    answer_run,
    cancel_run,
    decide,
    start_run,
)
from playbooks.runs.models import Approval, Operation, Run, Token
from playbooks.runs.repository import history_of, operations_of, tokens_of
from playbooks.runs.vocabulary import ApprovalState, OperationState, TokenState, Wait
from registry import UnitScope
from tests.playbooks.conftest import (
    ANN,
    BOB,
    Installation,
    Receiver,
    editor,
    http_step,
    own_step,
    playbook,
    step,
    target,
)

END, A, B, C, D = step("end", 9), step("action", 2), step("action", 3), step("action", 4), step("action", 5)
ROLE = frozenset({"data_administrator"})


def _decider(actor: Actor = BOB, roles: frozenset[str] = ROLE) -> Decider:
    return Decider(ChangedBy(actor, now_ms()), roles, UnitScope.everything())


def _waiting(installation: Installation, run_id: str, wait: Wait) -> Token:
    def find() -> Token | None:
        with installation.records.read() as session:
            found = [each for each in tokens_of(session, run_id, TokenState.WAITING) if each.wait == wait]
            return found[0] if found else None

    return installation.until(find)


def _approval(installation: Installation, run_id: str) -> Approval:
    _waiting(installation, run_id, Wait.APPROVAL)
    with installation.records.read() as session:
        return session.scalars(
            select(Approval).where(Approval.run_id == run_id, Approval.state == ApprovalState.PENDING.value)
        ).one()


def _decide(installation: Installation, run_id: str, decider: Decider, *, approve: bool = True) -> None:
    approval = _approval(installation, run_id)
    with installation.records.begin() as session:
        decide(session, Decision(approval.id, approve, approval.plan_digest, "because"), decider)


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


def test_conditions_loops_switches_and_branches(installation: Installation, receiver: Receiver) -> None:
    count = iter(range(1, 10))
    receiver.answer = lambda _m, path, *_: (200, f'{{"count": "{next(count)}"}}'.encode() if path == "/more" else b"{}")
    loop, either, switch, both = (
        step("while-condition", 2),
        step("if-condition", 3),
        step("switch-condition", 4),
        step("parallel", 5),
    )
    more, yes, no, seven, other, left, right = (step("action", 20 + number) for number in range(7))
    inner = step("end", 8)
    document = playbook(
        2,
        {
            loop: {
                "type": "while-condition",
                "condition": "__count__:value < 3",
                "on_true": more,
                "on_completion": either,
            },
            more: http_step("POST /more HTTP/1.1", inner, out_args=["__count__"]),
            either: {
                "type": "if-condition",
                "condition": "__count__:value = 3 AND NOT __name__:value LIKE 'x%'",
                "on_true": yes,
                "on_false": no,
                "on_completion": switch,
            },
            yes: http_step("GET /yes HTTP/1.1", inner),
            no: http_step("GET /no HTTP/1.1", inner),
            switch: {
                "type": "switch-condition",
                "switch": "__name__:value",
                "cases": {"seven": seven, "default": other},
                "on_completion": both,
            },
            seven: http_step("GET /seven HTTP/1.1", inner),
            other: http_step("GET /other HTTP/1.1", both),
            both: {"type": "parallel", "next_steps": [left, right], "on_completion": END},
            left: http_step("GET /left HTTP/1.1", inner),
            right: http_step("GET /right HTTP/1.1", inner, delay=50),
            inner: {"type": "end"},
        },
        target_definitions=target(receiver.port),
        playbook_variables={
            "__count__": {"type": "integer", "value": "0"},
            "__name__": {"type": "string", "value": "seven"},
        },
    )
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


def _guarded(receiver: Receiver, **approval: Any) -> dict[str, Any]:  # noqa: ANN401 (parts of an approval)
    demand = {"role": "data_administrator", "covers": [B], **approval}
    return playbook(
        5,
        {
            A: http_step("POST /first/__what__:value HTTP/1.1", B, approval=demand, out_args=["__body__"]),
            B: http_step("POST /second/__late__:value HTTP/1.1", END),
        },
        target_definitions=target(receiver.port),
        playbook_variables={
            "__what__": {"type": "string", "value": "thing"},
            "__late__": {"type": "string", "value": "same"},
            "__body__": {"type": "string"},
        },
    )


def test_another_in_the_role_approves_exactly_what_is_then_done(installation: Installation, receiver: Receiver) -> None:
    with installation.working():
        run_id = installation.start(_guarded(receiver))
        approval = _approval(installation, run_id)
        assert [(each["step"], each["payload"]["url"].split(str(receiver.port))[1]) for each in approval.plan] == [
            (A, "/first/thing"),
            (B, "/second/same"),
        ]
        assert receiver.requests == []
        with installation.records.begin() as session, pytest.raises(NotYourApprovalError, match="You asked"):
            decide(session, Decision(approval.id, True, approval.plan_digest), _decider(ANN))  # noqa: FBT003 (a decision)
        with installation.records.begin() as session, pytest.raises(NotYourApprovalError, match="data_administrator"):
            decide(session, Decision(approval.id, True, approval.plan_digest), _decider(roles=frozenset({"analyst"})))  # noqa: FBT003
        with installation.records.begin() as session, pytest.raises(RunConflictError, match="not what you saw"):
            decide(session, Decision(approval.id, True, "0" * 64), _decider())  # noqa: FBT003 (a decision)
        _decide(installation, run_id, _decider())
        assert installation.ended(run_id).state == "succeeded"
    assert receiver.paths() == ["POST /first/thing", "POST /second/same"]


def test_what_changed_after_the_approval_is_asked_for_again(installation: Installation, receiver: Receiver) -> None:
    receiver.answer = lambda *_: (200, b'{"late": "another"}')
    document = _guarded(receiver)
    document["workflow"][A]["out_args"] = ["__late__"]
    with installation.working():
        run_id = installation.start(document)
        _decide(installation, run_id, _decider())
        again = _approval(installation, run_id)
        assert [each["payload"]["url"].split("/")[-1] for each in again.plan] == ["another"]
        assert receiver.paths() == ["POST /first/thing"]
        _decide(installation, run_id, _decider(), approve=False)
        run = installation.ended(run_id)
    assert (run.state, receiver.paths()) == ("rejected", ["POST /first/thing"])


def test_an_approval_that_nobody_gives_expires_to_rejected(installation: Installation, receiver: Receiver) -> None:
    with installation.working():
        run_id = installation.start(_guarded(receiver))
        approval = _approval(installation, run_id)
        with installation.records.begin() as session:
            session.get_one(Approval, approval.id).expires_ms = now_ms() - 1
            session.get_one(Token, approval.token_id).due_ms = now_ms() - 1
        run = installation.ended(run_id)
    with installation.records.read() as session:
        assert session.get_one(Approval, approval.id).state == ApprovalState.EXPIRED
    assert (run.state, receiver.requests) == ("rejected", [])


def test_approvals_outlive_the_process(installation: Installation, receiver: Receiver) -> None:
    with installation.working():
        run_id = installation.start(_guarded(receiver))
        _approval(installation, run_id)
    _decide(installation, run_id, _decider())
    with installation.working():
        assert installation.ended(run_id).state == "succeeded"
    assert len(receiver.requests) == 2


def test_failures_are_tried_again_under_the_same_id(installation: Installation, receiver: Receiver) -> None:
    receiver.answer = lambda _m, path, *_: (500, b"no") if path == "/fails" else (200, b"{}")
    failing = http_step(
        "POST /fails HTTP/1.1",
        B,
        retry={"attempts": 3, "first_wait_seconds": 0.05},
        idempotent=True,
        on_success=B,
        on_failure=C,
    )
    document = playbook(
        6,
        {A: failing, B: http_step("GET /never HTTP/1.1", END), C: http_step("GET /handled HTTP/1.1", END)},
        target_definitions=target(receiver.port),
    )
    with installation.working():
        run = installation.ended(installation.start(document))
    assert (run.state, receiver.paths()) == ("succeeded", ["POST /fails"] * 3 + ["GET /handled"])
    assert len({headers["idempotency-key"] for _, path, headers, _ in receiver.requests if path == "/fails"}) == 1
    with installation.records.read() as session:
        assert [(each.state, each.attempts) for each in operations_of(session, run.id)] == [("failed", 3), ("done", 1)]


def test_a_failure_that_is_left_to_nobody_is_no_success(installation: Installation, receiver: Receiver) -> None:
    receiver.answer = lambda *_: (404, b"")
    failing = http_step("GET /a HTTP/1.1", END, name="Ask", on_success=END, on_failure=END)
    document = playbook(12, {A: failing}, target_definitions=target(receiver.port))
    with installation.working():
        run = installation.ended(installation.start(document))
    assert (run.state, run.problem) == ("failed", "Ask: HTTP 404")


def test_a_refused_approval_goes_its_own_way(installation: Installation, receiver: Receiver) -> None:
    document = _guarded(receiver, on_refusal=END)
    first = document["workflow"][A]
    first["on_success"], first["on_failure"] = first.pop("on_completion"), C
    document["workflow"][C] = http_step("GET /by-hand HTTP/1.1", END)
    with installation.working():
        run_id = installation.start(document)
        _decide(installation, run_id, _decider(), approve=False)
        assert installation.ended(run_id).state == "rejected"
    assert receiver.requests == []


def test_an_unhandled_failure_goes_to_the_exception_step(installation: Installation, receiver: Receiver) -> None:
    receiver.answer = lambda _m, path, *_: (404, b"") if path == "/a" else (200, b"{}")
    document = playbook(
        7,
        {A: http_step("GET /a HTTP/1.1", END), B: http_step("GET /cleanup HTTP/1.1", END)},
        target_definitions=target(receiver.port),
        workflow_exception=B,
    )
    with installation.working():
        run = installation.ended(installation.start(document))
    assert (run.state, receiver.paths()) == ("failed", ["GET /a", "GET /cleanup"])
    assert "HTTP 404" in str(run.problem)


def test_people_answer_in_the_form_that_is_asked_for(installation: Installation) -> None:
    schema = {"type": "object", "properties": {"__choice__": {"enum": ["yes", "no"]}}, "required": ["__choice__"]}
    ask = own_step("manual", END, {}, answer=schema, out_args=["__choice__"])
    document = playbook(8, {A: ask}, playbook_variables={"__choice__": {"type": "string"}})
    with installation.working():
        run_id = installation.start(document)
        token = _waiting(installation, run_id, Wait.ANSWER)
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
            _waiting(installation, run_id, Wait.ANSWER)
        assert threading.active_count() < 40


def test_a_cancelled_run_asks_nobody_any_more(installation: Installation, receiver: Receiver) -> None:
    with installation.working():
        run_id = installation.start(_guarded(receiver))
        approval = _approval(installation, run_id)
        with installation.records.begin() as session:
            cancel_run(session, UnitScope.everything(), run_id, "not needed", editor(BOB).by)
        with installation.records.begin() as session, pytest.raises(RunConflictError):
            decide(session, Decision(approval.id, True, approval.plan_digest), _decider())  # noqa: FBT003 (a decision)
    assert (installation.run(run_id).state, receiver.requests) == ("cancelled", [])


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


def test_what_may_have_happened_is_never_repeated_blindly(installation: Installation, receiver: Receiver) -> None:
    document = playbook(11, {A: http_step("POST /pay HTTP/1.1", END)}, target_definitions=target(receiver.port))
    with installation.working():
        run_id = installation.start(document)
        installation.ended(run_id)
    with installation.records.begin() as session:  # as if the process had died while it was called
        run = session.get_one(Run, run_id)
        run.state, run.ended_ms = "running", None
        operation = operations_of(session, run_id)[0]
        operation.state, operation.process = OperationState.STARTED.value, "another"
        token = session.get_one(Token, operation.token_id)
        token.state, token.step_id, token.position, token.visit = TokenState.READY.value, A, 0, 1
    with installation.working():
        question = _waiting(installation, run_id, Wait.UNKNOWN)
        assert len(receiver.requests) == 1
        with installation.records.begin() as session:
            answer_run(session, UnitScope.everything(), run_id, Answer(question.id, verdict="done"), editor().by)
        assert installation.ended(run_id).state == "succeeded"
    assert len(receiver.requests) == 1
    with installation.records.read() as session:
        assert session.scalars(select(Operation.state).where(Operation.run_id == run_id)).all() == ["done"]
        assert "unknown" in [line.code for line in history_of(session, run_id)]
