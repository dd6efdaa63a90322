"""Approvals: asked for with exactly what will be done, decided by another in a role, expiring to rejected."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from audit.authorship import Change, ChangedBy, audit_change
from events import now_ms
from playbooks.actions.contract import digest_of
from playbooks.cacao.extension import ApprovalDemand
from playbooks.errors import NotYourApprovalError, RunConflictError
from playbooks.runs.history import Line, run_actor, tell_incident
from playbooks.runs.models import Approval, Run, Token
from playbooks.runs.repository import get_approval, lock_run
from playbooks.runs.vocabulary import ApprovalState, HistoryKind, TokenState, Wait
from registry import UnitScope

_MINUTE_MS = 60_000
_LONGEST_REASON = 2000


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person decides: ``plan_digest`` names what they saw."""

    approval_id: str
    is_approved: bool
    plan_digest: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Decider:
    """Who decides: the roles that they hold, and the units for which they may."""

    by: ChangedBy
    roles: frozenset[str]
    scope: UnitScope


def ask(session: Session, run: Run, token: Token, demand: ApprovalDemand, plan: Sequence[dict[str, Any]]) -> Approval:
    """Ask for an approval; the branch waits for it."""
    now = now_ms()
    approval = Approval(
        id=uuid4().hex,
        run_id=run.id,
        token_id=token.id,
        step_id=token.step_id,
        role=demand.role,
        plan=list(plan),
        plan_digest=digest_of(list(plan)),
        state=ApprovalState.PENDING.value,
        requested_ms=now,
        expires_ms=now + demand.expires_minutes * _MINUTE_MS,
        used_steps=[],
    )
    session.add(approval)
    token.state, token.wait, token.due_ms = TokenState.WAITING.value, Wait.APPROVAL.value, approval.expires_ms
    token.question = {"approval": approval.id}
    line = Line(HistoryKind.APPROVAL, "asked", token.step_id, text=demand.role, detail={"approval": approval.id})
    tell_incident(session, run, line)
    _audit(session, approval, "asked", ChangedBy(run_actor(run), now))
    return approval


def find_cover(session: Session, token: Token, position: int, digest: str) -> Approval | None:
    """The approval that covers the action at a position of the present step, exactly as it is resolved now."""
    wanted = select(Approval).where(Approval.run_id == token.run_id, Approval.state == ApprovalState.APPROVED.value)
    for approval in session.scalars(wanted.order_by(Approval.requested_ms.desc())):
        visit = f"{token.step_id}#{token.visit}"
        used = [step for step in approval.used_steps if step.startswith(f"{token.step_id}#")]
        covered = any(
            (entry["step"], entry["position"], entry["digest"]) == (token.step_id, position, digest)
            for entry in approval.plan
        )
        if covered and (not used or visit in used):
            if not used:
                approval.used_steps = [*approval.used_steps, visit]
            return approval
    return None


def decide(session: Session, decision: Decision, decider: Decider) -> Approval:
    """Approve or reject; the run goes on by itself.

    Raises:
        ApprovalNotFoundError: there is none in the scope.
        NotYourApprovalError: the caller lacks the role, or asked for the run.
        RunConflictError: it is decided, has expired, or is of another plan than the caller saw.
    """
    approval, run = get_approval(session, decider.scope, decision.approval_id)
    lock_run(session, run.id)
    session.refresh(approval)
    if approval.role not in decider.roles:
        raise NotYourApprovalError(f"This approval is asked of the role {approval.role}; let someone in it decide")
    if run.requested_by == decider.by.responsible_id:
        raise NotYourApprovalError("You asked for this run; let another decide")
    if approval.state != ApprovalState.PENDING or approval.expires_ms <= decider.by.at_ms:
        raise RunConflictError("The approval is decided or has expired; reload it")
    if decision.plan_digest != approval.plan_digest:
        raise RunConflictError("What will be done is not what you saw; reload and look again")
    if len(decision.reason) > _LONGEST_REASON or (not decision.is_approved and not decision.reason.strip()):
        raise RunConflictError(f"A rejection needs a reason of at most {_LONGEST_REASON} characters")
    state = ApprovalState.APPROVED if decision.is_approved else ApprovalState.REJECTED
    approval.decided_ms, approval.decided_by = decider.by.at_ms, decider.by.responsible_id
    approval.decided_name, approval.reason = decider.by.actor.name, decision.reason.strip() or None
    _settle(session, approval, run, state, decider.by)
    return approval


def expire_approval(session: Session, run: Run, token: Token) -> None:
    """Bring the approval that a branch has waited for too long to rejected."""
    approval = session.get(Approval, (token.question or {}).get("approval", ""))
    if approval is not None and approval.state == ApprovalState.PENDING:
        _settle(session, approval, run, ApprovalState.EXPIRED, None)


def withdraw(session: Session, token: Token) -> None:
    """End the approval of a branch that goes no further."""
    approval = session.get(Approval, (token.question or {}).get("approval", ""))
    if approval is not None and approval.state == ApprovalState.PENDING:
        approval.state = ApprovalState.WITHDRAWN.value


def _settle(session: Session, approval: Approval, run: Run, state: ApprovalState, by: ChangedBy | None) -> None:
    approval.state = state.value
    token = session.get_one(Token, approval.token_id)
    if token.state == TokenState.WAITING and token.wait == Wait.APPROVAL:
        token.state, token.due_ms = TokenState.READY.value, None
        token.answer = {"wait": Wait.APPROVAL.value, "state": state.value}
    line = Line(
        HistoryKind.APPROVAL,
        state.value,
        approval.step_id,
        text=approval.reason or "",
        detail={"approval": approval.id, "plan_digest": approval.plan_digest},
    )
    tell_incident(session, run, line, by)
    _audit(session, approval, state.value, by or ChangedBy(run_actor(run), now_ms()))


def _audit(session: Session, approval: Approval, verb: str, by: ChangedBy) -> None:
    after = {
        "run": approval.run_id,
        "step": approval.step_id,
        "role": approval.role,
        "state": approval.state,
        "plan_digest": approval.plan_digest,
        "expires_ms": approval.expires_ms,
    }
    audit_change(session, Change("approval", verb, approval.id, approval.reason, None, after), by)
