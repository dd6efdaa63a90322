"""Language and theme, kept in the reader's own browser."""

from __future__ import annotations

from typing import get_args

from fastapi import APIRouter, Request, Response

from api.access import Form, check_same_origin
from api.console.rendering import THEME_COOKIE, THEMES, redirect
from api.console.translation import LANGUAGE_COOKIE
from api.dependencies import Language

router = APIRouter(include_in_schema=False)
_YEAR_SECONDS = 31_536_000


@router.post("/preferences")
def save(request: Request, form: Form) -> Response:
    """Remember what was chosen, and go back."""
    check_same_origin(request)
    response = redirect(str(form.get("back", "/alerts")))
    for name, cookie, allowed in (
        ("language", LANGUAGE_COOKIE, get_args(Language)),
        ("theme", THEME_COOKIE, THEMES),
    ):
        if form.get(name) in allowed:
            response.set_cookie(cookie, str(form[name]), max_age=_YEAR_SECONDS, httponly=True, samesite="lax", path="/")
    return response
