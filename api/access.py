"""What a route demands of its caller: a scope, and for changes made with a cookie a CSRF token."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request
from starlette.datastructures import FormData

from api.caller import Caller, caller_of
from api.dependencies import dependencies_of
from api.identity.principal import Principal
from api.problems import ProblemError
from api.signing import csrf_token_matches

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
CSRF_HEADER = "x-csrf-token"
CSRF_FIELD = "csrf_token"


class Requires:
    """A dependency that lets only callers with a scope pass (any signed-in caller for None).

    The scope stays readable, so that a document or a test can tell what each route demands.
    """

    def __init__(self, scope: str | None, *, form: bool = False) -> None:
        """Demand ``scope``; ``form`` takes the CSRF token from the form's field instead of the header."""
        self.scope = scope
        self.form = form

    async def __call__(self, request: Request) -> Caller:
        """The caller.

        Raises:
            ProblemError: nobody is signed in, the scope is missing, or the request may be forged.
        """
        caller = caller_of(request)
        if caller.principal is None:
            raise ProblemError(
                HTTPStatus.UNAUTHORIZED,
                "not_signed_in",
                "Sign in, or send a valid API key",
                {"WWW-Authenticate": 'Bearer realm="fengsui"'},
            )
        if self.scope is not None and not caller.principal.may(self.scope):
            raise ProblemError(HTTPStatus.FORBIDDEN, "scope_missing", f"This needs the scope {self.scope}")
        if request.method not in _SAFE_METHODS and caller.principal.session_id is not None:
            await self._check_not_forged(request, caller.principal.session_id)
        return caller

    async def _check_not_forged(self, request: Request, session_id: str) -> None:
        check_same_origin(request)
        presented = (await request.form()).get(CSRF_FIELD) if self.form else request.headers.get(CSRF_HEADER)
        key = dependencies_of(request).secret_key
        if not isinstance(presented, str) or not csrf_token_matches(key, session_id, presented):
            await request.close()  # a file that came with the form
            raise ProblemError(
                HTTPStatus.FORBIDDEN, "csrf_token_invalid", "The CSRF token is missing or old; reload the page"
            )


def check_same_origin(request: Request) -> None:
    """Refuse a change that a browser says was started from another site.

    Raises:
        ProblemError: the request's Origin is another host's, or Sec-Fetch-Site says cross-site.
    """
    origin = request.headers.get("origin")
    foreign = origin is not None and urlsplit(origin).netloc != request.headers.get("host")
    if foreign or request.headers.get("sec-fetch-site") in {"cross-site", "same-site"}:
        raise ProblemError(HTTPStatus.FORBIDDEN, "cross_site_request", "The request was started from another site")


async def _form(request: Request) -> FormData:
    return await request.form()


def signed_in(caller: Caller) -> Principal:
    """The principal of a caller that passed ``Requires``."""
    if caller.principal is None:
        raise RuntimeError("A route was reached without a caller")
    return caller.principal


Form = Annotated[FormData, Depends(_form)]
