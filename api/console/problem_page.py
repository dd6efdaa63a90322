"""What a page shows when a request fails."""

from __future__ import annotations

from http import HTTPStatus
from urllib.parse import urlsplit

from fastapi import Request, Response
from fastapi.responses import RedirectResponse

from api.console.formatting import url
from api.console.rendering import render
from api.problems import ProblemError

_HTMX_HEADER = "hx-request"


def render_problem(request: Request, problem: ProblemError) -> Response:
    """Send those who aren't signed in to the sign-in page; show the problem to everybody else.

    A part of a page is no place for either: its script says in place what happened, and keeps what was being typed.
    """
    if problem.status is HTTPStatus.UNAUTHORIZED:
        return Response(status_code=problem.status) if _HTMX_HEADER in request.headers else _to_sign_in(request)
    context = {"problem": problem, "active": "", "request_id": getattr(request.state, "request_id", None)}
    response = render(request, "problem.html", context, problem.status)
    response.headers.update(problem.headers)
    return response


def _to_sign_in(request: Request) -> Response:
    here = _path(request.url.path, request.url.query)
    if request.method != "GET":  # back to the page whose form it was
        form_page = urlsplit(request.headers.get("referer", ""))
        here = _path(form_page.path, form_page.query)
    return RedirectResponse(url("/sign-in", next="" if here == "/" else here), HTTPStatus.SEE_OTHER)


def _path(path: str, query: str) -> str:
    return f"{path}?{query}" if query else path
