"""What can be wrong with a request for work on an account, or with a decision on one."""

from __future__ import annotations

from api.errors import ApiError


class AccountRequestNotFoundError(ApiError):
    """There is no such request."""


class AccountRequestConflictError(ApiError):
    """The request is decided already, waits already, or the account has changed since."""


class OwnAccountRequestError(ApiError):
    """Nobody decides on what they asked for, or what concerns their own account."""
