"""Work on accounts as people ask for it: done at once, or left waiting where policy wants a second person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from sqlalchemy.orm import Session

from api.identity.account_requests.asking import AskedBy, Wanted, ask
from api.identity.account_requests.models import AccountRequest, RequestKind
from api.identity.account_requests.policy import DECIDE, approvals_policy
from api.identity.account_requests.repository import deciders
from api.identity.accounts import (
    AccountError,
    NewAccount,
    add_user,
    change_roles,
    check_account,
    check_password,
    check_roles,
    disable_user,
    random_password,
    set_password,
)
from api.identity.api_keys import NewApiKey, PreparedKey, add_api_key, prepare_api_key
from api.identity.models import ApiKey, User
from api.identity.passwords import hash_password
from api.identity.policy import role_policy
from api.identity.second_factor import SecondFactorError, is_confirmed, take_away


@dataclass(frozen=True, slots=True)
class RoleChange:
    """The roles and units that an account is to have."""

    roles: Sequence[str]
    units: Sequence[str] = ()


def make_account(session: Session, account: NewAccount, by: AskedBy) -> User | AccountRequest:
    """Make an account, or ask for it where it will be privileged.

    Raises:
        AccountError: it can't be made so.
        AccountRequestConflictError: an account of this name waits already.
    """
    check_account(session, account)
    check_password(account.password)
    password_hash = hash_password(account.password)
    if not _waits(session, account.roles):
        return add_user(session, account, password_hash, by.principal.actor, by.origin)
    detail = {name: value for name, value in asdict(account).items() if name != "password"}
    wanted = Wanted(RequestKind.CREATE, account.key, detail, credential=password_hash)
    return ask(session, wanted, by)


def change_account_roles(session: Session, user: User, change: RoleChange, by: AskedBy) -> User | AccountRequest:
    """Change what an account may do, or ask for it where it is privileged or will be.

    Raises:
        AccountError: the roles exclude each other, or nobody would be left to decide.
        AccountRequestConflictError: another change waits already.
    """
    check_roles(change.roles)
    if DECIDE not in role_policy().scopes_of(change.roles):
        _check_not_last(session, user)
    if not _waits(session, [*user.roles, *change.roles]):
        change_roles(session, user, (change.roles, change.units), by.principal.actor, by.origin)
        return user
    before = {"roles": list(user.roles), "units": list(user.units or ())}
    detail = {"roles": sorted(set(change.roles)), "units": sorted(set(change.units)), "before": before}
    return ask(session, Wanted(RequestKind.CHANGE_ROLES, user.name, detail, user.id), by)


def give_password(session: Session, user: User, by: AskedBy) -> tuple[str, AccountRequest | None]:
    """A random password for an account, to be shown once; a privileged account's works when the request is approved.

    Raises:
        AccountRequestConflictError: one waits already.
    """
    password = random_password()
    password_hash = hash_password(password)
    if not _waits(session, user.roles):
        set_password(session, user, password_hash, by.principal.actor, by.origin)
        return password, None
    wanted = Wanted(RequestKind.RESET_PASSWORD, user.name, {"roles": list(user.roles)}, user.id, password_hash)
    return password, ask(session, wanted, by)


def take_factor_away(session: Session, user: User, by: AskedBy) -> AccountRequest | None:
    """Take a lost second factor from an account, or ask for it.

    Raises:
        SecondFactorError: there is none.
        AccountRequestConflictError: the same waits already.
    """
    if not _waits(session, user.roles):
        take_away(session, user, by.principal.actor)
        return None
    if not is_confirmed(session, user.id):
        raise SecondFactorError("this account has no second factor", "factor_missing")
    wanted = Wanted(RequestKind.REMOVE_SECOND_FACTOR, user.name, {"roles": list(user.roles)}, user.id)
    return ask(session, wanted, by)


def make_key(session: Session, request: NewApiKey, by: AskedBy) -> tuple[str, ApiKey | AccountRequest]:
    """Make a key of the caller's, or ask for it where its scopes are wide; the first item is the whole key.

    Raises:
        ApiKeyError: it can't be made so.
        AccountRequestConflictError: a key of this name waits already.
    """
    secret, prepared = prepare_api_key(request, by.principal)
    if approvals_policy().scopes.isdisjoint(prepared.scopes) or not deciders(session):
        return secret, add_api_key(session, prepared, by.principal.actor, by.origin)
    wanted = Wanted(
        RequestKind.CREATE_API_KEY,
        prepared.name,
        _shown(prepared),
        by.principal.user_id,
        prepared.secret_digest,
    )
    return secret, ask(session, wanted, by)


def close_account(session: Session, user: User, by: AskedBy) -> None:
    """Close an account at once, for that can't wait; one who decides must be left.

    Raises:
        AccountError: nobody would be left to decide on requests.
    """
    _check_not_last(session, user)
    disable_user(session, user, by.principal.actor, by.origin)


def _shown(prepared: PreparedKey) -> dict[str, object]:
    return {name: value for name, value in asdict(prepared).items() if name != "secret_digest"}


def _waits(session: Session, roles: Sequence[str]) -> bool:
    """Whether work on an account with these roles waits: there has been somebody to decide ever since the first."""
    return approvals_policy().is_privileged(roles) and bool(deciders(session))


def _check_not_last(session: Session, user: User) -> None:
    able = {each.id for each in deciders(session) if not each.disabled}
    if able == {user.id}:
        message = "This is the only account that decides on privileged accounts; make another one first"
        raise AccountError(message, "last_approver")
