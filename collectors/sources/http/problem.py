"""Refusals, as problem details (RFC 9457) with a stable ``code``."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

import orjson
from starlette.responses import Response


class Refusal(Exception):  # noqa: N818 (an answer rather than an error)
    """A request that is not taken.

    Attributes:
        status: of the answer.
        code: stable, for programs.
        headers: further headers of the answer.
    """

    def __init__(self, status: HTTPStatus, code: str, detail: str, headers: Mapping[str, str] | None = None) -> None:
        """Keep what the answer says."""
        super().__init__(detail)
        self.status = status
        self.code = code
        self.headers = dict(headers or {})

    def response(self) -> Response:
        """The answer."""
        problem = {
            "type": "about:blank",
            "title": self.status.phrase,
            "status": self.status.value,
            "code": self.code,
            "detail": str(self),
        }
        return Response(orjson.dumps(problem), self.status, self.headers, "application/problem+json")
