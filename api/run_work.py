"""What people do with runs and approvals, each within their units."""

from __future__ import annotations

from http import HTTPStatus

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from api.access import signed_in
from api.caller import Caller
from api.dependencies import ApiDependencies
from api.identity.models import User
from api.personal_reads import note_read, tells_of_people
from api.playbook_documents import (
    AnswerRequest,
    ApprovalDocument,
    DecisionRequest,
    RunDetail,
    RunDocument,
    RunPage,
    RunRequest,
)
from api.playbook_views import approval_document, run_detail, run_document
from api.problems import ProblemError
from api.registry_work import editor
from api.signing import decode_cursor, encode_cursor
from detection.alerts import get_alert
from incidents.repository.lookup import incident_of
from playbooks import Answer, Decider, Decision, NewRun, answer_run, cancel_run, decide, start_run
from playbooks.runs.models import Run
from playbooks.runs.repository import earlier_than, get_approval, get_run, list_approvals, list_runs
from registry import UnitScope
from registry.registers import Editor
from registry.repository.scoping import sees_unit

READ, WRITE, DECIDE = "runs:read", "runs:write", "approvals:decide"
_MOST_APPROVALS = 200


def read_runs(
    dependencies: ApiDependencies, filters: dict[str, str | None], limit: int, cursor: str | None, caller: Caller
) -> RunPage:
    """One page of the runs that the caller may see, the newest first.

    Raises:
        CursorError: the cursor belongs to another list.
    """
    wanted: list[ColumnElement[bool]] = [
        getattr(Run, name) == value for name, value in sorted(filters.items()) if value is not None
    ]
    key, purpose = dependencies.secret_key, f"runs:{sorted(filters.items(), key=str)}"
    if cursor:
        wanted.append(earlier_than(*decode_cursor(key, purpose, cursor)))
    with dependencies.records.read() as session:
        rows = list_runs(session, _scope(caller, READ), wanted, limit)
    following = encode_cursor(key, purpose, (rows[-1].started_ms, rows[-1].id)) if len(rows) == limit else None
    return RunPage(runs=[run_document(row) for row in rows], next_cursor=following)


def read_run(dependencies: ApiDependencies, run_id: str, caller: Caller, *, again: bool = False) -> RunDetail:
    """One run with everything that happened in it.

    That a run was read which tells of people is noted in the trail; ``again`` is a page that brings itself up to date.

    Raises:
        RunNotFoundError: there is none that the caller may see.
    """
    with dependencies.records.read() as session:
        detail = run_detail(session, get_run(session, _scope(caller, READ), run_id))
    if not again and tells_of_people(detail):
        with dependencies.records.begin() as session:
            note_read(session, caller, "run", run_id)
    return detail


def start(dependencies: ApiDependencies, body: RunRequest, caller: Caller) -> RunDocument:
    """Start a run.

    Raises:
        PlaybookError: the playbook can't be started so.
        ProblemError: its alert is not there, or its unit is not the caller's.
    """
    who = editor(caller, WRITE)
    with dependencies.records.begin() as session:
        unit_id = _unit(session, body, who)
        new = NewRun(body.playbook_id, body.variables, body.incident_id, body.alert_id, unit_id)
        return run_document(start_run(session, new, who))


def cancel(dependencies: ApiDependencies, run_id: str, reason: str, caller: Caller) -> RunDocument:
    """End a run."""
    who = editor(caller, WRITE)
    with dependencies.records.begin() as session:
        return run_document(cancel_run(session, who.scope, run_id, reason, who.by))


def answer(dependencies: ApiDependencies, run_id: str, body: AnswerRequest, caller: Caller) -> RunDocument:
    """Answer a branch that waits for a person."""
    who = editor(caller, WRITE)
    said = Answer(body.token, body.values, body.verdict, body.reason)
    with dependencies.records.begin() as session:
        return run_document(answer_run(session, who.scope, run_id, said, who.by))


def read_approvals(
    dependencies: ApiDependencies, state: str | None, caller: Caller, *, mine: bool
) -> list[ApprovalDocument]:
    """Approvals that the caller may see, those that expire first at the top; ``mine`` are those of their roles."""
    with dependencies.records.read() as session:
        roles = _roles(session, caller) if mine else None
        rows = list_approvals(session, _scope(caller, READ), state, roles, _MOST_APPROVALS)
        return [approval_document(approval, run) for approval, run in rows]


def read_approval(dependencies: ApiDependencies, approval_id: str, caller: Caller) -> ApprovalDocument:
    """One approval with its plan; that one was read which tells of people is noted in the trail."""
    with dependencies.records.read() as session:
        document = approval_document(*get_approval(session, _scope(caller, READ), approval_id))
    if tells_of_people(document):
        with dependencies.records.begin() as session:
            note_read(session, caller, "approval", approval_id)
    return document


def decide_approval(
    dependencies: ApiDependencies, approval_id: str, body: DecisionRequest, caller: Caller, *, approve: bool
) -> ApprovalDocument:
    """Approve or reject; only people decide, and never who asked for the run.

    Raises:
        PlaybookError: the caller may not decide, or it is decided.
        ProblemError: an API key decides.
    """
    if signed_in(caller).actor.kind != "user":
        raise ProblemError(HTTPStatus.FORBIDDEN, "person_needed", "Only a signed-in person decides on approvals")
    who = editor(caller, DECIDE)
    decision = Decision(approval_id, approve, body.plan_digest, body.reason)
    with dependencies.records.begin() as session:
        approval = decide(session, decision, Decider(who.by, _roles(session, caller), who.scope))
        return approval_document(approval, session.get_one(Run, approval.run_id))


def _scope(caller: Caller, scope: str) -> UnitScope:
    return signed_in(caller).unit_scope(scope)


def _roles(session: Session, caller: Caller) -> frozenset[str]:
    user = session.get(User, signed_in(caller).user_id)
    return frozenset(user.roles) if user else frozenset()


def _unit(session: Session, body: RunRequest, who: Editor) -> str | None:
    """Whose run it is: its incident's unit, or one that the caller names."""
    if body.alert_id is not None and get_alert(session, who.scope, body.alert_id) is None:
        raise ProblemError(HTTPStatus.NOT_FOUND, "alert_not_found", "There is no such alert; reload the list")
    unit_id = incident_of(session, who.scope, body.incident_id).unit_id if body.incident_id else body.unit_id
    if unit_id is not None and not sees_unit(session, who.scope, unit_id):
        raise ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, "unit_not_yours", "Name one of your units")
    if unit_id is None and not who.scope.is_everything:
        raise ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, "unit_not_yours", "Name one of your units")
    return unit_id
