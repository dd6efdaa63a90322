"""What fails is tried again, handled or told; what may have happened is never repeated blindly."""

from __future__ import annotations

from sqlalchemy import select

from playbooks import Answer, answer_run
from playbooks.runs.models import Operation, Run, Token
from playbooks.runs.repository import history_of, operations_of
from playbooks.runs.vocabulary import OperationState, TokenState, Wait
from registry import UnitScope
from tests.playbooks.conftest import Installation, Receiver, editor, http_step, playbook, target
from tests.playbooks.runs.waiting import END, A, B, C, waiting_token


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
        question = waiting_token(installation, run_id, Wait.UNKNOWN)
        assert len(receiver.requests) == 1
        with installation.records.begin() as session:
            answer_run(session, UnitScope.everything(), run_id, Answer(question.id, verdict="done"), editor().by)
        assert installation.ended(run_id).state == "succeeded"
    assert len(receiver.requests) == 1
    with installation.records.read() as session:
        assert session.scalars(select(Operation.state).where(Operation.run_id == run_id)).all() == ["done"]
        assert "unknown" in [line.code for line in history_of(session, run_id)]
