"""What the forms of an incident's page ask for, done."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy.orm import Session

from api.access import Form
from api.console.form_fields import choice_of, moment_of, number_of, text_of
from api.dependencies import ApiDependencies
from api.identity.repository import find_user
from api.problems import not_found
from incidents import (
    BusinessLoss,
    Classification,
    Editor,
    Importance,
    IncidentFacts,
    IncidentLevel,
    IncidentState,
    LevelDecision,
    Merging,
    Move,
    NewReport,
    NewTask,
    Owner,
    Pausing,
    ReportKind,
    SocialHarm,
    TaskState,
    Unlinking,
    add_task,
    advance,
    close_incident,
    comment,
    decide_level,
    file_report,
    give_to,
    merge_incident,
    move_task,
    pause_clock,
    reclassify,
    reopen_incident,
    resume_clock,
    unlink_alerts,
    unmerge_incident,
    weigh,
)
from incidents.repository.listing import IncidentFilter, list_incidents


class IncidentForm:
    """One form of an incident's page; each method does what a value of its field ``action`` names."""

    def __init__(self, dependencies: ApiDependencies, incident_id: str, form: Form) -> None:
        """Keep what was sent."""
        self._dependencies = dependencies
        self._id = incident_id
        self._form = form

    def text(self, name: str) -> str:
        """A field of the form."""
        return text_of(self._form, name)

    def advance(self, session: Session, editor: Editor) -> None:
        """Take it to another step."""
        to = choice_of(self._form, "to", IncidentState)
        advance(session, self._id, Move(to, self.text("reason") or None), editor)

    def close(self, session: Session, editor: Editor) -> None:
        """Close it with a conclusion."""
        move = Move(IncidentState.CLOSED, self.text("reason"), self.text("conclusion"))
        close_incident(session, self._id, move, editor)

    def reopen(self, session: Session, editor: Editor) -> None:
        """Open it anew."""
        to = choice_of(self._form, "to", IncidentState)
        reopen_incident(session, self._id, Move(to, self.text("reason")), editor)

    def decide(self, session: Session, editor: Editor) -> None:
        """Decide its level."""
        level = choice_of(self._form, "level", IncidentLevel)
        decide_level(session, self._id, LevelDecision(level, self.text("reason")), editor)

    def weigh(self, session: Session, editor: Editor) -> None:
        """Say what is known of its weight."""
        form = self._form
        facts = IncidentFacts(
            importance=choice_of(form, "importance", Importance) if self.text("importance") else None,
            business_loss=choice_of(form, "business_loss", BusinessLoss),
            social_harm=choice_of(form, "social_harm", SocialHarm),
            persons=number_of(form, "persons"),
            loss_yuan=number_of(form, "loss_yuan"),
            people_affected=number_of(form, "people_affected"),
            infrastructure_minutes=number_of(form, "infrastructure_minutes"),
            portal_minutes=number_of(form, "portal_minutes"),
            tampered_home_minutes=number_of(form, "tampered_home_minutes"),
        )
        weigh(session, self._id, facts, editor)

    def classify(self, session: Session, editor: Editor) -> None:
        """Give it another class."""
        code, _, subclass = self.text("class").partition("/")
        reclassify(session, self._id, Classification(code, subclass or None, self.text("reason")), editor)

    def assign(self, session: Session, editor: Editor) -> None:
        """Let somebody lead it; an empty name is nobody."""
        name = self.text("owner")
        user = find_user(session, name) if name else None
        if name and user is None:
            raise not_found("user", "There is no account of this name; see the list of accounts")
        give_to(session, self._id, Owner(user.id, user.name) if user else None, editor)

    def comment(self, session: Session, editor: Editor) -> None:
        """Say something."""
        comment(session, self._id, self.text("text"), editor)

    def task(self, session: Session, editor: Editor) -> None:
        """Add something to do."""
        due = moment_of(self._form, "due", self._dependencies)
        add_task(session, self._id, NewTask(self.text("title"), self.text("assignee") or None, due), editor)

    def move_task(self, session: Session, editor: Editor) -> None:
        """Say where a task stands."""
        move_task(session, self._id, self.text("task"), choice_of(self._form, "state", TaskState), editor)

    def report(self, session: Session, editor: Editor) -> None:
        """Write down a report that was made."""
        kind, reported = choice_of(self._form, "kind", ReportKind), moment_of(self._form, "at", self._dependencies)
        file_report(session, self._id, NewReport(kind, self.text("addressee"), self.text("text"), reported), editor)

    def pause(self, session: Session, editor: Editor) -> None:
        """Stop a clock."""
        pause_clock(session, self._id, Pausing(self.text("clock"), self.text("reason")), editor)

    def resume(self, session: Session, editor: Editor) -> None:
        """Let a clock run on."""
        resume_clock(session, self._id, Pausing(self.text("clock"), self.text("reason")), editor)

    def unlink(self, session: Session, editor: Editor) -> None:
        """Take an alert out."""
        unlink_alerts(session, self._id, Unlinking((self.text("alert"),), self.text("reason")), editor)

    def merge(self, session: Session, editor: Editor) -> None:
        """Let it be handled as part of another, which its number names."""
        number = number_of(self._form, "number")
        numbered = list_incidents(session, editor.scope, IncidentFilter(text=f"#{number}"))
        into = next((incident.id for incident in numbered if incident.number == number), "")
        merge_incident(session, self._id, Merging(into, self.text("reason")), editor)

    def unmerge(self, session: Session, editor: Editor) -> None:
        """Take it out of the other."""
        unmerge_incident(session, self._id, self.text("reason"), editor)


INCIDENT_STEPS: dict[str, Callable[[IncidentForm, Session, Editor], None]] = {
    "advance": IncidentForm.advance,
    "close": IncidentForm.close,
    "reopen": IncidentForm.reopen,
    "decide": IncidentForm.decide,
    "weigh": IncidentForm.weigh,
    "classify": IncidentForm.classify,
    "assign": IncidentForm.assign,
    "comment": IncidentForm.comment,
    "task": IncidentForm.task,
    "move_task": IncidentForm.move_task,
    "report": IncidentForm.report,
    "pause": IncidentForm.pause,
    "resume": IncidentForm.resume,
    "unlink": IncidentForm.unlink,
    "merge": IncidentForm.merge,
    "unmerge": IncidentForm.unmerge,
}
