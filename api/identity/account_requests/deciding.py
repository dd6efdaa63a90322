"""Deciding on a request: what is approved is done in the same transaction, by the one who approves it."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from api.identity.account_requests.asking import AskedBy
from api.identity.account_requests.errors import AccountRequestConflictError, OwnAccountRequestError
from api.identity.account_requests.models import AccountRequest, RequestKind, RequestState
from api.identity.account_requests.repository import due_requests, find_request
from api.identity.accounts import NewAccount, add_user, change_roles, check_account, check_roles, set_password
from api.identity.api_keys import PreparedKey, add_api_key
from api.identity.models import User
from api.identity.second_factor import take_away
from audit import Actor
from audit.authorship import Change, ChangedBy, audit_change
from events import now_ms

_SYSTEM = Actor("system", "account-requests", "account requests")
_VERBS = {
    RequestState.APPROVED: "approve",
    RequestState.REJECTED: "reject",
    RequestState.WITHDRAWN: "withdraw",
    RequestState.EXPIRED: "expire",
}


def approve(session: Session, request_id: str, reason: str, by: AskedBy) -> AccountRequest:
    """Approve a request and do what it asks for.

    Raises:
        AccountRequestNotFoundError: there is none.
        OwnAccountRequestError: the decider asked for it, or it concerns their account.
        AccountRequestConflictError: it is decided, has expired, or the account has changed since.
        AccountError, SecondFactorError: it can't be done any more; the message says why.
    """
    request = _pending(session, request_id)
    _check_other(request, by)
    _carry_out(session, request, by)
    _settle(session, request, RequestState.APPROVED, reason, by.change(now_ms()))
    return request


def reject(session: Session, request_id: str, reason: str, by: AskedBy) -> AccountRequest:
    """Refuse a request.

    Raises:
        AccountRequestNotFoundError, OwnAccountRequestError, AccountRequestConflictError: as for ``approve``.
    """
    request = _pending(session, request_id)
    _check_other(request, by)
    _settle(session, request, RequestState.REJECTED, reason, by.change(now_ms()))
    return request


def withdraw(session: Session, request_id: str, by: AskedBy) -> AccountRequest:
    """Take back what one asked for.

    Raises:
        AccountRequestNotFoundError, AccountRequestConflictError: as for ``approve``.
        OwnAccountRequestError: somebody else asked for it.
    """
    request = _pending(session, request_id)
    if request.requested_by_id != by.principal.user_id:
        raise OwnAccountRequestError("Only who asked for it can withdraw it; the security administrator can reject it")
    _settle(session, request, RequestState.WITHDRAWN, "", by.change(now_ms()))
    return request


def any_due(session: Session, now: int) -> bool:
    """Whether a request has waited too long."""
    return bool(due_requests(session, now))


def expire_due(session: Session, now: int) -> int:
    """Refuse what nobody decided in time; how many that were."""
    due = due_requests(session, now)
    for request in due:
        _settle(session, request, RequestState.EXPIRED, "", ChangedBy(_SYSTEM, now))
    return len(due)


def _pending(session: Session, request_id: str) -> AccountRequest:
    request = find_request(session, request_id, for_update=True)
    if request.state != RequestState.PENDING:
        raise AccountRequestConflictError(f"The request is {request.state} already; ask again if it is still needed")
    if request.expires_ms <= now_ms():
        raise AccountRequestConflictError("The request has expired; have it asked for again")
    return request


def _check_other(request: AccountRequest, by: AskedBy) -> None:
    if by.principal.user_id in {request.requested_by_id, request.user_id}:
        raise OwnAccountRequestError("Another person must decide: you asked for this, or it concerns your account")


def _settle(session: Session, request: AccountRequest, state: RequestState, reason: str, by: ChangedBy) -> None:
    request.state, request.reason, request.decided_ms = state.value, reason or None, by.at_ms
    request.credential = None
    if by.account_id is not None:
        request.decided_by_id, request.decided_by = by.account_id, by.actor.name
    after = {"kind": request.kind, "subject": request.subject, "requested_by": request.requested_by}
    change = Change("account-request", _VERBS[state], request.id, request.reason, {"state": "pending"}, after)
    audit_change(session, change, by)


def _carry_out(session: Session, request: AccountRequest, by: AskedBy) -> None:
    actor, origin, detail = by.principal.actor, by.origin, request.detail
    if request.kind == RequestKind.CREATE:
        account = NewAccount(**detail, password="")
        check_account(session, account)
        request.user_id = add_user(session, account, request.credential or "", actor, origin).id
        return
    user = session.get_one(User, request.user_id or "")
    if user.disabled:
        raise AccountRequestConflictError("The account was closed since; reject the request")
    if request.kind == RequestKind.CHANGE_ROLES:
        check_roles(detail["roles"])
        _check_unchanged(user, detail["before"])
        change_roles(session, user, (detail["roles"], detail["units"]), actor, origin)
    elif request.kind == RequestKind.RESET_PASSWORD:
        set_password(session, user, request.credential or "", actor, origin)
    elif request.kind == RequestKind.REMOVE_SECOND_FACTOR:
        take_away(session, user, actor)
    else:
        add_api_key(session, PreparedKey(**detail, secret_digest=request.credential or ""), actor, origin)


def _check_unchanged(user: User, before: dict[str, Any]) -> None:
    if before != {"roles": list(user.roles), "units": list(user.units or ())}:
        raise AccountRequestConflictError("The account's roles or units have changed since; have it asked for again")
