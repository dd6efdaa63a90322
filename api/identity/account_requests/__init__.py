"""Work on privileged accounts that waits for a second person, as ``policies/identity/approvals.yml`` says."""

from api.identity.account_requests.asking import AskedBy
from api.identity.account_requests.deciding import any_due, approve, expire_due, reject, withdraw
from api.identity.account_requests.errors import (
    AccountRequestConflictError,
    AccountRequestNotFoundError,
    OwnAccountRequestError,
)
from api.identity.account_requests.guarding import (
    RoleChange,
    change_account_roles,
    close_account,
    give_password,
    make_account,
    make_key,
    take_factor_away,
)
from api.identity.account_requests.models import AccountRequest, RequestKind, RequestState
from api.identity.account_requests.repository import find_request, list_requests

__all__ = [
    "AccountRequest",
    "AccountRequestConflictError",
    "AccountRequestNotFoundError",
    "AskedBy",
    "OwnAccountRequestError",
    "RequestKind",
    "RequestState",
    "RoleChange",
    "any_due",
    "approve",
    "change_account_roles",
    "close_account",
    "expire_due",
    "find_request",
    "give_password",
    "list_requests",
    "make_account",
    "make_key",
    "reject",
    "take_factor_away",
    "withdraw",
]
