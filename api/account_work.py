"""What API and console share in work on others' accounts."""

from __future__ import annotations

from http import HTTPStatus

from sqlalchemy.orm import Session

from api.access import signed_in
from api.caller import Caller
from api.identity.account_requests import AskedBy
from api.identity.models import User
from api.identity.principal import Principal
from api.problems import ProblemError, not_found


def existing_account(session: Session, user_id: str) -> User:
    """The account of an id.

    Raises:
        ProblemError: there is none.
    """
    user = session.get(User, user_id)
    if user is None:
        raise not_found("user", "There is no account of this id")
    return user


def other_than_own(user_id: str, caller: Caller) -> Principal:
    """The caller, who may do such a thing to every account but their own.

    Raises:
        ProblemError: it is their own.
    """
    principal = signed_in(caller)
    if user_id == principal.user_id:
        raise ProblemError(HTTPStatus.CONFLICT, "own_account", "Another administrator must do this to your account")
    return principal


def asked_by(caller: Caller) -> AskedBy:
    """The caller as one who does something to an account, or asks for it."""
    return AskedBy(signed_in(caller), caller.origin)
