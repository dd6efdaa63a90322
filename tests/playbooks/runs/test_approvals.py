"""What is approved is what is done, by another in the role, in time."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from events import now_ms
from playbooks import Decision, NotYourApprovalError, RunConflictError, cancel_run, decide
from playbooks.runs.models import Approval, Run, Token
from playbooks.runs.vocabulary import ApprovalState, Wait
from registry import UnitScope
from tests.playbooks.conftest import ANN, BOB, Installation, Receiver, editor, http_step, playbook, step, target
from tests.playbooks.runs.waiting import END, A, B, C, decide_on, deciding_as, pending_approval, waiting_token


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
        approval = pending_approval(installation, run_id)
        assert [(each["step"], each["payload"]["url"].split(str(receiver.port))[1]) for each in approval.plan] == [
            (A, "/first/thing"),
            (B, "/second/same"),
        ]
        assert receiver.requests == []
        with installation.records.begin() as session, pytest.raises(NotYourApprovalError, match="You asked"):
            decide(session, Decision(approval.id, is_approved=True, plan_digest=approval.plan_digest), deciding_as(ANN))
        decision = Decision(approval.id, is_approved=True, plan_digest=approval.plan_digest)
        with installation.records.begin() as session, pytest.raises(NotYourApprovalError, match="data_administrator"):
            decide(session, decision, deciding_as(roles=frozenset({"analyst"})))
        with installation.records.begin() as session, pytest.raises(RunConflictError, match="not what you saw"):
            decide(session, Decision(approval.id, is_approved=True, plan_digest="0" * 64), deciding_as())
        decide_on(installation, run_id, deciding_as())
        assert installation.ended(run_id).state == "succeeded"
    assert receiver.paths() == ["POST /first/thing", "POST /second/same"]


def test_what_changed_after_the_approval_is_asked_for_again(installation: Installation, receiver: Receiver) -> None:
    receiver.answer = lambda *_: (200, b'{"late": "another"}')
    document = _guarded(receiver)
    document["workflow"][A]["out_args"] = ["__late__"]
    with installation.working():
        run_id = installation.start(document)
        decide_on(installation, run_id, deciding_as())
        again = pending_approval(installation, run_id)
        assert [each["payload"]["url"].split("/")[-1] for each in again.plan] == ["another"]
        assert receiver.paths() == ["POST /first/thing"]
        decide_on(installation, run_id, deciding_as(), approve=False)
        run = installation.ended(run_id)
    assert (run.state, receiver.paths()) == ("rejected", ["POST /first/thing"])


def test_an_approval_that_nobody_gives_expires_to_rejected(installation: Installation, receiver: Receiver) -> None:
    with installation.working():
        run_id = installation.start(_guarded(receiver))
        approval = pending_approval(installation, run_id)
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
        pending_approval(installation, run_id)
    decide_on(installation, run_id, deciding_as())
    with installation.working():
        assert installation.ended(run_id).state == "succeeded"
    assert len(receiver.requests) == 2


def test_a_refused_approval_goes_its_own_way(installation: Installation, receiver: Receiver) -> None:
    document = _guarded(receiver, on_refusal=END)
    first = document["workflow"][A]
    first["on_success"], first["on_failure"] = first.pop("on_completion"), C
    document["workflow"][C] = http_step("GET /by-hand HTTP/1.1", END)
    with installation.working():
        run_id = installation.start(document)
        decide_on(installation, run_id, deciding_as(), approve=False)
        assert installation.ended(run_id).state == "rejected"
    assert receiver.requests == []


def test_a_cancelled_run_asks_nobody_any_more(installation: Installation, receiver: Receiver) -> None:
    with installation.working():
        run_id = installation.start(_guarded(receiver))
        approval = pending_approval(installation, run_id)
        with installation.records.begin() as session:
            cancel_run(session, UnitScope.everything(), run_id, "not needed", editor(BOB).by)
        with installation.records.begin() as session, pytest.raises(RunConflictError):
            decide(session, Decision(approval.id, is_approved=True, plan_digest=approval.plan_digest), deciding_as())
    assert (installation.run(run_id).state, receiver.requests) == ("cancelled", [])


def test_what_a_cancelled_run_called_ends_with_it(installation: Installation, receiver: Receiver) -> None:
    called = step("playbook-action", 2)
    inner = installation.add(_guarded(receiver))
    outer = playbook(6, {called: {"type": "playbook-action", "playbook_id": inner, "on_completion": END}})
    with installation.working():
        run_id = installation.start(outer)
        waiting_token(installation, run_id, Wait.PLAYBOOK)
        with installation.records.read() as session:
            inner_id = session.scalars(select(Run.id).where(Run.parent_run_id == run_id)).one()
        approval = pending_approval(installation, inner_id)
        with installation.records.begin() as session:
            cancel_run(session, UnitScope.everything(), run_id, "a mistake", editor().by)
        assert installation.ended(inner_id).state == "cancelled"
    with installation.records.read() as session:
        assert session.get_one(Approval, approval.id).state == ApprovalState.WITHDRAWN.value
    assert receiver.requests == []
