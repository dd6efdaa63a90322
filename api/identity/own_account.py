"""What people do with their own account: another password, and the end of sessions left open elsewhere."""

from __future__ import annotations

from sqlalchemy.orm import Session

from api.identity.accounts import AccountError, check_password
from api.identity.models import User, UserSession
from api.identity.passwords import hash_password, password_matches
from api.identity.principal import Principal
from api.identity.repository import open_session_ids
from api.identity.sessions import RequestOrigin
from audit import AuditEntry, record
from events import now_ms


def change_password(session: Session, principal: Principal, passwords: tuple[str, str], origin: RequestOrigin) -> None:
    """Give the caller's account another password (the old one, the new one); its other sessions end.

    Raises:
        AccountError: the old password is wrong, or the new one is not allowed.
    """
    old, new = passwords
    user = session.get_one(User, principal.user_id)
    if not password_matches(user.password_hash, old):
        raise AccountError("The present password is wrong", "password_wrong")
    if old == new:
        raise AccountError("The new password is the present one; choose another", "password_same")
    check_password(new)
    user.password_hash = hash_password(new)
    for session_id in open_session_ids(session, user.id):
        if session_id != principal.session_id:
            session.get_one(UserSession, session_id).ended_ms = now_ms()
    record(session, _entry("user:change-password", principal, principal.user_id, origin))


def end_own_session(session: Session, principal: Principal, session_id: str, origin: RequestOrigin) -> None:
    """End one of the caller's sessions.

    Raises:
        AccountError: the caller has no such open session.
    """
    row = session.get(UserSession, session_id)
    if row is None or row.user_id != principal.user_id or row.ended_ms is not None:
        raise AccountError("You have no open session of this id; reload the list", "session_gone")
    row.ended_ms = now_ms()
    record(session, _entry("session:end", principal, session_id, origin))


def _entry(action: str, principal: Principal, object_id: str, origin: RequestOrigin) -> AuditEntry:
    return AuditEntry(
        principal.actor,
        action,
        action.partition(":")[0],
        object_id,
        request_id=origin.request_id,
        source_address=origin.source_address,
    )
