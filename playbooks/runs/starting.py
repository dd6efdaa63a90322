"""Starts, cancels and answers runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import jsonschema
from sqlalchemy import select
from sqlalchemy.orm import Session

from audit.authorship import ChangedBy
from events import format_timestamp, now_ms
from playbooks.cacao import restore_playbook
from playbooks.cacao.model import Playbook
from playbooks.errors import (
    InvalidAnswerError,
    PlaybookNotFoundError,
    RunConflictError,
    RunNotFoundError,
    VariableError,
)
from playbooks.library import current_playbook, playbook_version
from playbooks.policy import run_policy
from playbooks.runs.engine import Moving, new_token
from playbooks.runs.history import Line, audit_run, tell_incident
from playbooks.runs.models import PlaybookVersion, Run, Token
from playbooks.runs.repository import get_run, lock_run
from playbooks.runs.vocabulary import ENDED, HistoryKind, RunOrigin, RunState, TokenState, Wait
from registry import UnitScope
from registry.registers import Editor

_LONGEST_VALUE = 65_536
_CALLED_DIRECTLY = 0


@dataclass(frozen=True, slots=True)
class NewRun:
    """A run to be started; ``trigger`` is a key under which it is started only once."""

    playbook_id: str
    variables: Mapping[str, str | None] = field(default_factory=dict)
    incident_id: str | None = None
    alert_id: str | None = None
    unit_id: str | None = None
    origin: RunOrigin = RunOrigin.PERSON
    trigger: str | None = None


def start_run(session: Session, new: NewRun, editor: Editor) -> Run:
    """Start a run; it is moved by the worker.

    Raises:
        PlaybookNotFoundError: there is no such playbook.
        RunConflictError: it is revoked, not valid now, or was started under this trigger already.
        VariableError: a value is for no external variable, or one that is needed is missing.
    """
    version, playbook = current_playbook(session, new.playbook_id, editor.by)
    _check_validity(playbook, editor.by.at_ms)
    if new.trigger and session.scalar(select(Run.id).where(Run.trigger == new.trigger)):
        raise RunConflictError("This was started already; look at its run")
    run = _row(new, version, playbook, editor)
    _begin(session, run, playbook)
    line = Line(HistoryKind.STARTED, run.origin, text=run.playbook_name)
    tell_incident(session, run, line, editor.by)
    audit_run(session, run, "start", editor.by)
    return run


def start_below(moving: Moving, token: Token, new: NewRun, modified: str | None) -> None:
    """Start the playbook that a step calls; the step waits for its end.

    Raises:
        PlaybookNotFoundError: there is no such playbook, or no such version.
        RunConflictError: playbooks call each other too deeply.
    """
    above = moving.run
    if above.depth >= run_policy().work.playbooks_deep:
        raise RunConflictError(f"playbooks call each other more than {above.depth} deep; flatten them")
    by = moving.acting().editor.by
    version, playbook = playbook_version(moving.session, new.playbook_id, modified, by)
    run = _row(new, version, playbook, Editor(by, UnitScope.everything()))
    run.origin, run.depth, run.scope = RunOrigin.PLAYBOOK.value, above.depth + 1, above.scope
    run.requested_by, run.requested_name = above.requested_by, above.requested_name
    run.incident_id, run.alert_id, run.unit_id = above.incident_id, above.alert_id, above.unit_id
    run.parent_run_id, run.parent_token_id = above.id, token.id
    _begin(moving.session, run, playbook)
    token.state, token.wait = TokenState.WAITING.value, Wait.PLAYBOOK.value
    token.question = {"run": run.id}
    step = moving.step_of(token)
    token.due_ms = now_ms() + step.timeout if step.timeout else None
    tell_incident(moving.session, run, Line(HistoryKind.STARTED, run.origin, text=run.playbook_name))


def cancel_run(session: Session, scope: UnitScope, run_id: str, reason: str, by: ChangedBy) -> Run:
    """End a run; what it did stays, an unfinished call is still written down.

    Raises:
        RunNotFoundError: there is none in the scope.
        RunConflictError: it has ended.
    """
    run = get_run(session, scope, run_id)
    lock_run(session, run.id)
    session.refresh(run)
    if run.state in ENDED:
        raise RunConflictError("The run has ended already")
    playbook = _playbook(session, run)
    run.problem = reason.strip()[:2000] or None
    tell_incident(session, run, Line(HistoryKind.ENDED, "cancel_asked", text=run.problem or ""), by)
    audit_run(session, run, "cancel", by, run.problem)
    Moving(session, run, playbook, "").end(RunState.CANCELLED)
    return run


@dataclass(frozen=True, slots=True)
class Answer:
    """What a person answers to a waiting branch: values for a manual step, or what became of an unknown action.

    ``verdict`` is ``done``, ``failed`` or, for an unknown action that certainly did not happen, ``repeat``.
    """

    token_id: int
    values: Mapping[str, Any] = field(default_factory=dict)
    verdict: str = "done"
    reason: str = ""


def answer_run(session: Session, scope: UnitScope, run_id: str, answer: Answer, by: ChangedBy) -> Run:
    """Answer a step that waits for a person.

    Raises:
        RunNotFoundError: there is none in the scope.
        RunConflictError: the branch waits for nobody.
        InvalidAnswerError: the answer does not have the form that is asked for.
    """
    run = get_run(session, scope, run_id)
    lock_run(session, run.id)
    token = session.get(Token, answer.token_id)
    if token is None or token.run_id != run.id:
        raise RunNotFoundError("There is no such question in this run; reload it")
    session.refresh(token)
    allowed = {Wait.ANSWER: {"done", "failed"}, Wait.UNKNOWN: {"done", "failed", "repeat"}}
    if token.state != TokenState.WAITING or token.wait not in allowed:
        raise RunConflictError("Nobody is asked here any more; reload the run")
    if answer.verdict not in allowed[Wait(token.wait)]:
        raise InvalidAnswerError(f"The verdict is one of {', '.join(sorted(allowed[Wait(token.wait)]))}")
    if token.wait == Wait.ANSWER and answer.verdict == "done":
        _check_answer(answer.values, (token.question or {}).get("schema", {}))
    if answer.verdict != "done" and not answer.reason.strip():
        raise InvalidAnswerError("Say why it was not done")
    token.answer = {
        "wait": token.wait,
        "state": answer.verdict,
        "values": {name: _text(value) for name, value in answer.values.items()},
        "reason": answer.reason.strip()[:2000],
    }
    token.state, token.due_ms = TokenState.READY.value, None
    tell_incident(session, run, Line(HistoryKind.ANSWER, answer.verdict, token.step_id, text=answer.reason), by)
    audit_run(session, run, "answer", by, answer.reason or None)
    return run


def _check_answer(values: Mapping[str, Any], schema: Mapping[str, Any]) -> None:
    problem = next(jsonschema.Draft202012Validator(schema).iter_errors(dict(values)), None)
    if problem is not None:
        place = ".".join(str(part) for part in problem.path) or "the answer"
        raise InvalidAnswerError(f"{place}: {problem.message[:300]}")
    if any(len(_text(value)) > _LONGEST_VALUE for value in values.values()):
        raise InvalidAnswerError(f"A value is longer than {_LONGEST_VALUE} characters")


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _check_validity(playbook: Playbook, at_ms: int) -> None:
    now = format_timestamp(at_ms)
    if playbook.revoked:
        raise RunConflictError("The playbook is revoked; start another")
    early = playbook.valid_from is not None and now < playbook.valid_from
    if early or (playbook.valid_until is not None and now > playbook.valid_until):
        raise RunConflictError("The playbook is not valid at this time; start another")


def _row(new: NewRun, version: PlaybookVersion, playbook: Playbook, editor: Editor) -> Run:
    roots = editor.scope.roots
    return Run(
        id=uuid4().hex,
        digest=version.digest,
        playbook_id=playbook.id,
        playbook_name=playbook.name,
        state=RunState.RUNNING.value,
        origin=new.origin.value,
        requested_by=editor.by.responsible_id,
        requested_name=editor.by.actor.name,
        scope=None if roots is None else sorted(roots),
        unit_id=new.unit_id,
        incident_id=new.incident_id,
        alert_id=new.alert_id,
        trigger=new.trigger,
        depth=_CALLED_DIRECTLY,
        variables=initial_variables(playbook, new.variables),
        round_number=0,
        is_moving=False,
        started_ms=editor.by.at_ms,
        changed_ms=editor.by.at_ms,
    )


def initial_variables(playbook: Playbook, given: Mapping[str, str | None]) -> dict[str, str | None]:
    """The variables with which a run begins: the declared values, and what was given for external ones."""
    values = {name: item.value for name, item in playbook.playbook_variables.items()}
    for name, value in given.items():
        declared = playbook.playbook_variables.get(name)
        if declared is None or not declared.external or declared.constant:
            raise VariableError(f"{name[:100]}: is no external variable of this playbook; leave it out")
        if value is not None and len(value) > _LONGEST_VALUE:
            raise VariableError(f"{name}: longer than {_LONGEST_VALUE} characters")
        values[name] = value
    missing = [name for name, item in playbook.playbook_variables.items() if item.external and values[name] is None]
    if missing:
        raise VariableError(f"{', '.join(missing)}: the playbook needs these values; give them")
    return values


def _begin(session: Session, run: Run, playbook: Playbook) -> None:
    session.add(run)
    session.flush()
    session.add(new_token(run.id, playbook.workflow_start))
    session.flush()


def _playbook(session: Session, run: Run) -> Playbook:
    version = session.get(PlaybookVersion, run.digest)
    if version is None:
        raise PlaybookNotFoundError("The playbook of this run is gone; restore the backup")
    return restore_playbook(version.text)
