"""What somebody is reminded of: by the roles that they hold, for the units that they speak for."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from api.access import signed_in
from api.caller import Caller
from api.dependencies import ApiDependencies
from api.identity.models import User
from api.identity.policy import role_policy
from api.identity.principal import Principal
from api.reminder_documents import ReminderDocument, ReminderList, SeenCount
from events import now_ms
from incidents.reminders.reading import Reader, ReadReminder, count_unseen, list_reminders, mark_seen
from incidents.vocabulary import Subject

_SCOPES = {Subject.INCIDENT: "incidents:read", Subject.NOTICE: "notices:read"}


def read_reminders(dependencies: ApiDependencies, caller: Caller, *, unseen: bool, limit: int) -> ReminderList:
    """The caller's reminders, the newest first."""
    with dependencies.records.read() as session:
        reader = _reader(session, signed_in(caller))
        found = list_reminders(session, reader, unseen=unseen, limit=limit)
        return ReminderList(reminders=[_document(each) for each in found], unseen=count_unseen(session, reader))


def see_reminders(dependencies: ApiDependencies, caller: Caller, ids: Sequence[int] | None) -> SeenCount:
    """Write down that the caller has seen some reminders, or all."""
    with dependencies.records.begin() as session:
        return SeenCount(marked=mark_seen(session, _reader(session, signed_in(caller)), ids, now_ms()))


def unseen_reminders(dependencies: ApiDependencies, principal: Principal | None) -> int:
    """How many reminders somebody has not seen; none for whoever may see neither incidents nor notices."""
    if principal is None or not any(principal.may(scope) for scope in _SCOPES.values()):
        return 0
    with dependencies.records.read() as session:
        return count_unseen(session, _reader(session, principal))


def _reader(session: Session, principal: Principal) -> Reader:
    user, known = session.get(User, principal.user_id), role_policy().roles
    held = [role for role in (user.roles if user else ()) if role in known]
    bound = frozenset(role for role in held if known[role].own_units)
    subjects = frozenset(subject for subject, scope in _SCOPES.items() if principal.may(scope))
    return Reader(principal.user_id, frozenset(held) - bound, bound, principal.units, subjects)


def _document(each: ReadReminder) -> ReminderDocument:
    row = each.reminder
    names = ("id", "at", "subject", "subject_id", "number", "title", "clock", "stage", "escalation", "role")
    return ReminderDocument.model_validate(
        {
            **{name: getattr(row, name) for name in names},
            "due": row.due_ms,
            "unit_id": row.unit_id or None,
            "seen": each.is_seen,
        }
    )
