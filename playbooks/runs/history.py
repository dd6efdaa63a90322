"""Tells what happens in a run: in its own append-only history, the audit trail and its incident's timeline."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from audit import Actor
from audit.authorship import Change, ChangedBy, audit_change
from events import now_ms
from incidents import TimelineEntry, TimelineKind
from incidents.models import Incident
from incidents.timeline import write_line
from playbooks.runs.models import Run, RunHistory
from playbooks.runs.vocabulary import HistoryKind
from registry import UnitScope
from registry.registers import Editor

_LONGEST_TEXT = 2000


@dataclass(frozen=True, slots=True)
class Line:
    """One line: ``code`` is stable, ``text`` for people, ``detail`` holds nothing secret."""

    kind: HistoryKind
    code: str
    step_id: str | None = None
    operation_id: str | None = None
    text: str = ""
    detail: Mapping[str, Any] = field(default_factory=dict)


def run_actor(run: Run) -> Actor:
    """A run as the one who acts."""
    return Actor("system", f"run:{run.id}", run.playbook_name)


def run_editor(run: Run) -> Editor:
    """Acts for a run: within the units of whoever requested it."""
    scope = UnitScope.everything() if run.scope is None else UnitScope.below(run.scope)
    return Editor(ChangedBy(run_actor(run), now_ms()), scope)


def tell(session: Session, run: Run, line: Line, actor: str | None = None) -> None:
    """Append a line to the history of a run."""
    session.add(
        RunHistory(
            run_id=run.id,
            at_ms=now_ms(),
            kind=line.kind.value,
            code=line.code,
            step_id=line.step_id,
            operation_id=line.operation_id,
            actor=actor or run.playbook_name,
            text=line.text[:_LONGEST_TEXT],
            detail=dict(line.detail),
        )
    )


def tell_incident(session: Session, run: Run, line: Line, by: ChangedBy | None = None) -> None:
    """Tell it in the history, and on the timeline of the incident that the run is for."""
    tell(session, run, line, by.actor.name if by else None)
    if run.incident_id is None:
        return
    incident = session.get(Incident, run.incident_id)
    if incident is None:
        tell(session, run, Line(line.kind, "timeline_missing", text="its incident is no longer there"))
        return
    detail = {
        "code": line.code,
        "playbook": run.playbook_name,
        "step": line.step_id or "",
        "operation": line.operation_id or "",
    }
    entry = TimelineEntry(TimelineKind.RUN, run.id, line.text[:_LONGEST_TEXT], detail)
    write_line(session, incident, entry, by or ChangedBy(run_actor(run), now_ms()))


def audit_run(session: Session, run: Run, verb: str, by: ChangedBy | None = None, reason: str | None = None) -> None:
    """Append a change of a run to the audit trail."""
    after = {"playbook": run.playbook_name, "digest": run.digest, "state": run.state, "incident": run.incident_id}
    author = by or ChangedBy(run_actor(run), now_ms())
    audit_change(session, Change("run", verb, run.id, reason, None, after), author)
