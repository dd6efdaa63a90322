"""The session cookie: for this host only, out of scripts' reach, not sent along from other sites."""

from __future__ import annotations

from starlette.responses import Response

from api.caller import session_cookie_name
from api.dependencies import ApiSettings
from api.identity import SignedIn, sign_in_policy

_MS_PER_SECOND = 1000


def set_session_cookie(response: Response, settings: ApiSettings, signed: SignedIn) -> None:
    """Give the browser a session's token."""
    response.set_cookie(
        session_cookie_name(secure=settings.secure_cookies),
        signed.token,
        max_age=sign_in_policy().session.absolute_ms // _MS_PER_SECOND,
        secure=settings.secure_cookies,
        httponly=True,
        samesite="lax",
        path="/",
    )


def clear_session_cookie(response: Response, settings: ApiSettings) -> None:
    """Take the token back."""
    response.delete_cookie(
        session_cookie_name(secure=settings.secure_cookies),
        secure=settings.secure_cookies,
        httponly=True,
        samesite="lax",
        path="/",
    )
