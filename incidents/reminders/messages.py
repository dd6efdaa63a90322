"""Messages of reminders: one for each address, or one for all who hold a role until it is due."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy.orm import Session

from events import parse_timestamp
from incidents.models import ReminderMessage
from incidents.vocabulary import MessageState

PEOPLE = "people"
"""The channel of what goes to all who hold a role; ``people_of`` makes its address."""
_BETWEEN = "|"


def people_of(role: str, unit_id: str) -> str:
    """The address of those who hold a role, of one unit, or of all where the id is empty."""
    return f"{role}{_BETWEEN}{unit_id}"


def role_and_unit(address: str) -> tuple[str, str]:
    """What ``people_of`` made an address of."""
    role, _, unit_id = address.partition(_BETWEEN)
    return role, unit_id


def new_message(data: Mapping[str, Any], channel: str, address: str, at_ms: int) -> ReminderMessage:
    """A message that is due; the same stage of the same clock to the same address has the same id."""
    named = [data[name] for name in ("subject", "id", "clock", "stage", "escalation")]
    key = "|".join(map(str, (*named, parse_timestamp(data["due"]), channel, address)))
    return ReminderMessage(
        id="rem_" + hashlib.sha256(key.encode()).hexdigest()[:40],
        at=at_ms,
        subject=data["subject"],
        subject_id=data["id"],
        channel=channel,
        address=address,
        data=dict(data),
        state=MessageState.PENDING.value,
        attempts=0,
        due_ms=at_ms,
    )


def mail_to_people(session: Session, row: ReminderMessage, addresses: Iterable[str]) -> None:
    """Put a message to each address, once, in the place of one to all who hold a role."""
    for address in sorted(set(addresses)):
        message = new_message(row.data, "mail", address, row.at)
        if session.get(ReminderMessage, message.id) is None:
            session.add(message)
    session.delete(row)
