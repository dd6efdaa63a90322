"""Writes down who is told of a clock's stage, in the transaction in which the stage itself is written down.

So a stage without its reminders, or reminders told twice, can't come about however the process ends.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from events import format_timestamp
from incidents.clocks.policy import clocks_policy
from incidents.models import Incident, Notice, Reminder, ReminderMessage
from incidents.reminders.messages import PEOPLE, new_message, people_of
from incidents.reminders.policy import Recipients, ReminderRule, reminders_policy
from incidents.vocabulary import IncidentLevel, ReminderStage, Subject
from registry.models import UnitRecord


@dataclass(frozen=True, slots=True)
class Occasion:
    """A stage of a clock: ``escalation`` counts from 1, ``roles`` are those that the clock's policy escalates to."""

    subject: Subject
    subject_id: str
    clock: str
    entry: str
    stage: ReminderStage
    escalation: int
    due_ms: int
    roles: tuple[str, ...]
    at_ms: int


@dataclass(frozen=True, slots=True)
class _About:
    """What the clock is of."""

    number: int
    title: str
    unit_id: str | None
    level: int | None


def remind(session: Session, occasion: Occasion) -> None:
    """Tell all whom policy names, in the caller's transaction; who was told of this very stage before, is not."""
    about, told, sent = _about(session, occasion), set[tuple[str, str]](), set[tuple[str, str]]()
    for rule in reminders_policy().rules:
        if _fits(rule, occasion, about):
            for recipients in rule.to:
                people = set(_people(session, recipients, occasion, about))
                told |= people
                sent |= set(_addresses(session, recipients, occasion, about))
                sent |= {(PEOPLE, people_of(role, unit_id)) for role, unit_id in people if recipients.mail}
    for role, unit_id in sorted(told - _told_before(session, occasion)):
        session.add(_reminder(occasion, about, role, unit_id))
    for channel, address in sorted(sent):
        message = _message(occasion, about, channel, address)
        if session.get(ReminderMessage, message.id) is None:
            session.add(message)


def _told_before(session: Session, occasion: Occasion) -> set[tuple[str, str]]:
    """Whom this stage was told: a clock that begins anew with the deadline that it had passes the same stages again."""
    of_it = select(Reminder.role, Reminder.unit_id).where(
        Reminder.subject == occasion.subject.value,
        Reminder.subject_id == occasion.subject_id,
        Reminder.clock == occasion.clock,
        Reminder.stage == occasion.stage.value,
        Reminder.escalation == occasion.escalation,
        Reminder.due_ms == occasion.due_ms,
    )
    return {(role, unit_id) for role, unit_id in session.execute(of_it)}


def _about(session: Session, occasion: Occasion) -> _About:
    if occasion.subject is Subject.INCIDENT:
        incident = session.get_one(Incident, occasion.subject_id)
        return _About(incident.number, incident.title, incident.unit_id, incident.level or incident.proposed_level)
    notice = session.get_one(Notice, occasion.subject_id)
    above = session.get(Incident, notice.incident_id) if notice.incident_id else None
    level = (above.level or above.proposed_level) if above else None
    return _About(notice.number, notice.title, notice.unit_id, level)


def _fits(rule: ReminderRule, occasion: Occasion, about: _About) -> bool:
    of_level = not rule.levels or (about.level is not None and IncidentLevel(about.level) in rule.levels)
    of_clock = not rule.clocks or occasion.clock in rule.clocks
    return rule.subject is occasion.subject and occasion.stage in rule.stages and of_level and of_clock


def _people(session: Session, recipients: Recipients, occasion: Occasion, about: _About) -> Iterator[tuple[str, str]]:
    """Roles, each with the unit whose people are told, empty for all."""
    roles = (*recipients.roles, *(occasion.roles if recipients.escalation else ()))
    if recipients.of == "everyone":
        yield from ((role, "") for role in roles)
    elif unit := _unit(session, recipients, occasion, about):
        yield from ((role, unit.id) for role in roles)


def _addresses(
    session: Session, recipients: Recipients, occasion: Occasion, about: _About
) -> Iterator[tuple[str, str]]:
    yield from (("mail", address) for address in recipients.mailboxes)
    if recipients.webhook:
        yield "webhook", recipients.webhook
    unit = _unit(session, recipients, occasion, about) if recipients.contacts else None
    for contact in unit.contacts if unit else ():
        if contact.get("role") in recipients.contacts and contact.get("email"):
            yield "mail", contact["email"]


def _unit(session: Session, recipients: Recipients, occasion: Occasion, about: _About) -> UnitRecord | None:
    """The unit meant; an escalation climbs one unit each time, and stays at the topmost."""
    unit = session.get(UnitRecord, about.unit_id) if about.unit_id else None
    for _ in range(max(occasion.escalation, 1) if recipients.of == "superior" else 0):
        above = session.get(UnitRecord, unit.parent_id) if unit and unit.parent_id else None
        unit = above or unit
    return unit


def _reminder(occasion: Occasion, about: _About, role: str, unit_id: str) -> Reminder:
    return Reminder(
        at=occasion.at_ms,
        subject=occasion.subject.value,
        subject_id=occasion.subject_id,
        clock=occasion.clock,
        stage=occasion.stage.value,
        escalation=occasion.escalation,
        due_ms=occasion.due_ms,
        role=role,
        unit_id=unit_id,
        number=about.number,
        title=about.title,
    )


def _message(occasion: Occasion, about: _About, channel: str, address: str) -> ReminderMessage:
    return new_message(_data(occasion, about), channel, address, occasion.at_ms)


def _data(occasion: Occasion, about: _About) -> Mapping[str, object]:
    entry = clocks_policy().entry(occasion.entry)
    names = {"zh": entry.label.zh, "en": entry.label.en} if entry else {"zh": occasion.clock, "en": occasion.clock}
    return {
        "subject": occasion.subject.value,
        "id": occasion.subject_id,
        "number": about.number,
        "title": about.title,
        "clock": occasion.clock,
        "name": names,
        "stage": occasion.stage.value,
        "escalation": occasion.escalation,
        "due": format_timestamp(occasion.due_ms),
    }
