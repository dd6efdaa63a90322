"""What runs wait for, and people who decide it."""

from __future__ import annotations

from sqlalchemy import select

from audit import Actor
from audit.authorship import ChangedBy
from events import now_ms
from playbooks import Decider, Decision, decide
from playbooks.runs.models import Approval, Token
from playbooks.runs.repository import tokens_of
from playbooks.runs.vocabulary import ApprovalState, TokenState, Wait
from registry import UnitScope
from tests.playbooks.conftest import BOB, Installation, step

END, A, B, C, D = step("end", 9), step("action", 2), step("action", 3), step("action", 4), step("action", 5)
ROLE = frozenset({"data_administrator"})


def deciding_as(actor: Actor = BOB, roles: frozenset[str] = ROLE) -> Decider:
    return Decider(ChangedBy(actor, now_ms()), roles, UnitScope.everything())


def waiting_token(installation: Installation, run_id: str, wait: Wait) -> Token:
    def find() -> Token | None:
        with installation.records.read() as session:
            found = [each for each in tokens_of(session, run_id, TokenState.WAITING) if each.wait == wait]
            return found[0] if found else None

    return installation.until(find)


def pending_approval(installation: Installation, run_id: str) -> Approval:
    waiting_token(installation, run_id, Wait.APPROVAL)
    with installation.records.read() as session:
        return session.scalars(
            select(Approval).where(Approval.run_id == run_id, Approval.state == ApprovalState.PENDING.value)
        ).one()


def decide_on(installation: Installation, run_id: str, decider: Decider, *, approve: bool = True) -> None:
    approval = pending_approval(installation, run_id)
    with installation.records.begin() as session:
        decide(session, Decision(approval.id, approve, approval.plan_digest, "because"), decider)
