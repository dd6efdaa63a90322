"""Sends the messages of reminders: by mail, or as a signed delivery to a webhook; each once, whatever happens."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from audit import Actor
from audit.authorship import Change, ChangedBy, audit_change
from events import now_ms
from incidents.models import ReminderMessage
from incidents.reminders.messages import PEOPLE, mail_to_people, role_and_unit
from incidents.reminders.policy import reminders_policy
from incidents.vocabulary import MessageState
from playbooks.actions.contract import Outcome
from playbooks.actions.mail import MailSettings, send_mail
from playbooks.errors import ActionError
from playbooks.webhooks.deliveries import NewDelivery, post
from store.records import RecordsDatabase

_SYSTEM = Actor("system", "reminders", "reminders")
_WEBHOOK_TYPE = "clock.reminder"
_STAGES = {
    "warned": ("即将到期", "is about to run out"),
    "late": ("已超时", "has run out"),
    "escalated": ("超时升级", "has run out and escalates"),
}
_SUBJECTS = {"incident": ("安全事件", "Incident"), "notice": ("整改通知", "Notice")}


FindPeople = Callable[[Session, str, str], Sequence[str]]
"""The mail addresses of those who hold a role, of one unit, or of all where its id is empty."""


def nobody(_session: Session, _role: str, _unit_id: str) -> Sequence[str]:
    """Finds no one."""
    return ()


class ReminderSender:
    """Sends what is due, one message a turn.

    A message is written down as started before the mail server is called. What a process left started may have been
    sent: it is never sent again, and stands there as unknown.
    """

    def __init__(
        self, records: RecordsDatabase, mail: Callable[[], MailSettings | None], people: FindPeople = nobody
    ) -> None:
        """Prepare; nothing is sent before ``turn``. ``people`` finds the mail addresses of those who hold a role."""
        self._records = records
        self._mail = mail
        self._people = people
        self._process = uuid4().hex

    def turn(self) -> bool:
        """Send one message; False where none is due."""
        with self._records.read() as session:
            if session.scalar(_due(now_ms(), self._process).with_only_columns(ReminderMessage.id)) is None:
                return False
        with self._records.begin() as session:
            row = session.scalar(_due(now_ms(), self._process).with_for_update(skip_locked=True))
            if row is None:
                return False
            if row.state == MessageState.STARTED:
                _settle(session, row, Outcome(None, "the process ended while it was being sent"))
                return True
            if row.channel == PEOPLE:
                mail_to_people(session, row, self._people(session, *role_and_unit(row.address)))
                return True
            if row.channel == "webhook":
                _settle(session, row, _handed_on(session, row))
                return True
            row.state, row.process, row.attempts = MessageState.STARTED.value, self._process, row.attempts + 1
        outcome = send_mail(self._mail(), _mail_of(row.address, row.data), row.id)
        with self._records.begin() as session:
            _settle(session, session.get_one(ReminderMessage, row.id), outcome)
        return True


def _due(now: int, process: str) -> Any:  # noqa: ANN401 (a statement, of which only one column is asked for, too)
    pending = (ReminderMessage.state == MessageState.PENDING.value) & (ReminderMessage.due_ms <= now)
    left = (ReminderMessage.state == MessageState.STARTED.value) & (ReminderMessage.process != process)
    return select(ReminderMessage).where(pending | left).order_by(ReminderMessage.at, ReminderMessage.id).limit(1)


def _handed_on(session: Session, row: ReminderMessage) -> Outcome:
    """Hand a message to the deliveries, in the transaction that writes down that it was."""
    row.attempts += 1
    try:
        post(session, NewDelivery(row.id, row.address, _WEBHOOK_TYPE, row.data))
    except ActionError as error:
        return Outcome(happened=False, reason=str(error))
    return Outcome(happened=True, reason="handed to its deliveries")


def _settle(session: Session, row: ReminderMessage, outcome: Outcome) -> None:
    policy, now = reminders_policy().sending, now_ms()
    row.reason, row.due_ms = outcome.reason, None
    if outcome.happened is False and row.attempts < policy.attempts:
        row.state = MessageState.PENDING.value
        row.due_ms = now + policy.first_wait_seconds * 1000 * 2 ** (row.attempts - 1)
        return
    states = {True: MessageState.SENT, False: MessageState.FAILED, None: MessageState.UNKNOWN}
    row.state = states[outcome.happened].value
    after = {"channel": row.channel, "address": _masked(row.address), "reason": row.reason, "message": row.id}
    change = Change(row.subject, f"reminder-{row.state}", row.subject_id, None, None, after)
    audit_change(session, change, ChangedBy(_SYSTEM, now))


def _masked(address: str) -> str:
    name, at, host = address.partition("@")
    return f"{name[:1]}***{at}{host}" if at else address


def _mail_of(address: str, data: Mapping[str, Any]) -> dict[str, Any]:
    """The message in both languages; who reads it signs in to see the rest."""
    (kind_zh, kind_en), (stage_zh, stage_en) = _SUBJECTS[data["subject"]], _STAGES[data["stage"]]
    name = data["name"]
    subject = f"[烽燧 Fengsui] {kind_zh} #{data['number']} {name['zh']}{stage_zh} / {name['en']} {stage_en}"
    lines = (
        f"{kind_zh} #{data['number']}: {data['title']}",
        f"{name['zh']}{stage_zh}, 期限 {data['due']} (UTC)。请登录烽燧处理。",
        "",
        f"{kind_en} #{data['number']}: {data['title']}",
        f"{name['en']} {stage_en}, due {data['due']} (UTC). Sign in to Fengsui to see to it.",
    )
    return {"to": [address], "subject": " ".join(subject.split()), "text": "\n".join(lines)}
