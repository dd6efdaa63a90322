"""What a page shows when a request fails."""

from __future__ import annotations

from http import HTTPStatus

from fastapi import Request, Response
from fastapi.responses import RedirectResponse

from api.console.formatting import url
from api.console.rendering import render
from api.problems import ProblemError

_HTMX_HEADER = "hx-request"


def render_problem(request: Request, problem: ProblemError) -> Response:
    """Send those who aren't signed in to the sign-in page; show the problem to everybody else."""
    if problem.status is HTTPStatus.UNAUTHORIZED:
        return _to_sign_in(request)
    response = render(request, "problem.html", {"problem": problem, "active": ""}, problem.status)
    response.headers.update(problem.headers)
    return response


def _to_sign_in(request: Request) -> Response:
    if _HTMX_HEADER in request.headers:
        # htmx would swap the sign-in page into the middle of this one.
        return Response(status_code=HTTPStatus.UNAUTHORIZED, headers={"HX-Redirect": "/sign-in"})
    here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    target = url("/sign-in", next=here if request.method == "GET" and here != "/" else "")
    return RedirectResponse(target, HTTPStatus.SEE_OTHER)
