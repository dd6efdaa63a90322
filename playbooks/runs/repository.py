"""Reading playbooks, runs, approvals, each within the caller's units."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from playbooks.errors import ApprovalNotFoundError, RunNotFoundError
from playbooks.runs.models import Approval, Operation, Run, RunHistory, Token
from playbooks.runs.vocabulary import TokenState
from registry import UnitScope
from registry.repository.scoping import within


def visible_runs(scope: UnitScope) -> ColumnElement[bool]:
    """Whether a run is of a unit of the scope; those of the center alone are seen by those who see everything."""
    return within(scope, Run.unit_id)


def get_run(session: Session, scope: UnitScope, run_id: str) -> Run:
    """One run.

    Raises:
        RunNotFoundError: there is none in the scope.
    """
    found = session.scalar(select(Run).where(Run.id == run_id, visible_runs(scope)))
    if found is None:
        raise RunNotFoundError("There is no such run; reload the list")
    return found


def lock_run(session: Session, run_id: str) -> Run:
    """One run, held until the transaction ends."""
    return session.scalars(select(Run).where(Run.id == run_id).with_for_update()).one()


def list_runs(session: Session, scope: UnitScope, filters: Sequence[ColumnElement[bool]], limit: int) -> list[Run]:
    """Runs, the newest first."""
    query = select(Run).where(visible_runs(scope), *filters)
    return list(session.scalars(query.order_by(Run.started_ms.desc(), Run.id.desc()).limit(limit)))


def earlier_than(at_ms: int, run_id: str) -> ColumnElement[bool]:
    """The condition for the page after a run."""
    return or_(Run.started_ms < at_ms, (Run.started_ms == at_ms) & (Run.id < run_id))


def tokens_of(session: Session, run_id: str, *states: TokenState) -> list[Token]:
    """The branches of a run in these states, or in all."""
    query = select(Token).where(Token.run_id == run_id)
    if states:
        query = query.where(Token.state.in_([state.value for state in states]))
    return list(session.scalars(query.order_by(Token.id)))


def live_tokens(session: Session, run_id: str) -> list[Token]:
    """The branches of a run that are not at their end."""
    return tokens_of(session, run_id, TokenState.READY, TokenState.WAITING, TokenState.OPEN)


def entered_steps(session: Session, run_id: str) -> Counter[str]:
    """How often each step of a run was entered."""
    wanted = select(RunHistory.step_id, func.count()).where(RunHistory.run_id == run_id, RunHistory.code == "entered")
    rows = session.execute(wanted.group_by(RunHistory.step_id))
    return Counter({step_id: count for step_id, count in rows if step_id is not None})


def history_of(session: Session, run_id: str, after: int = 0, limit: int = 1000) -> list[RunHistory]:
    """The history of a run, oldest first."""
    wanted = select(RunHistory).where(RunHistory.run_id == run_id, RunHistory.id > after)
    return list(session.scalars(wanted.order_by(RunHistory.id).limit(limit)))


def operations_of(session: Session, run_id: str) -> list[Operation]:
    """The actions of a run, oldest first."""
    wanted = select(Operation).where(Operation.run_id == run_id)
    return list(session.scalars(wanted.order_by(Operation.started_ms, Operation.id)))


def approvals_of(session: Session, run_id: str) -> list[Approval]:
    """The approvals of a run, oldest first."""
    wanted = select(Approval).where(Approval.run_id == run_id)
    return list(session.scalars(wanted.order_by(Approval.requested_ms, Approval.id)))


def list_approvals(
    session: Session, scope: UnitScope, state: str | None, roles: frozenset[str] | None, limit: int
) -> list[tuple[Approval, Run]]:
    """Approvals with their runs, those that expire first at the top; of some roles, or of all."""
    query = select(Approval, Run).join(Run, Run.id == Approval.run_id).where(visible_runs(scope))
    if state is not None:
        query = query.where(Approval.state == state)
    if roles is not None:
        query = query.where(Approval.role.in_(sorted(roles)))
    rows = session.execute(query.order_by(Approval.expires_ms, Approval.id).limit(limit))
    return [(approval, run) for approval, run in rows]


def get_approval(session: Session, scope: UnitScope, approval_id: str) -> tuple[Approval, Run]:
    """One approval with its run.

    Raises:
        ApprovalNotFoundError: there is none in the scope.
    """
    query = select(Approval, Run).join(Run, Run.id == Approval.run_id)
    found = session.execute(query.where(Approval.id == approval_id, visible_runs(scope))).first()
    if found is None:
        raise ApprovalNotFoundError("There is no such approval; reload the list")
    return found[0], found[1]
