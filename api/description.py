"""The published description of the API (OpenAPI 3.1): what every operation may answer, and who may call it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from api.access_table import endpoints
from api.problems import PROBLEM_TYPE

_SCHEMES: dict[str, Any] = {
    "key": {"type": "http", "scheme": "bearer", "description": "An API key, or a token of the site's OpenID provider"},
    "session": {"type": "apiKey", "in": "cookie", "name": "fengsui_session", "description": "A signed-in session"},
}
_PROBLEM = "#/components/schemas/ProblemDocument"


class DescribedApi(FastAPI):
    """An application that describes itself as it behaves."""

    def openapi(self) -> dict[str, Any]:
        """The description; made once."""
        if self.openapi_schema is None:
            document = get_openapi(title=self.title, version=self.version, summary=self.summary, routes=self.routes)
            for operation in _operations(document):
                _describe_problems(operation)
            _describe_access(document)
            self.openapi_schema = document
        return self.openapi_schema


def _operations(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for methods in document["paths"].values():
        yield from methods.values()


def _describe_problems(operation: dict[str, Any]) -> None:
    """Problems have their own media type (RFC 9457 §3)."""
    for answer in operation["responses"].values():
        content = answer.get("content", {})
        if content.get("application/json", {}).get("schema", {}).get("$ref") == _PROBLEM:
            content[PROBLEM_TYPE] = content.pop("application/json")


def _describe_access(document: dict[str, Any]) -> None:
    document["components"]["securitySchemes"] = _SCHEMES
    for each in endpoints():
        operation = document["paths"].get(each.path, {}).get(each.method.lower())
        if operation is not None and each.signed_in:
            operation["security"] = [{name: []} for name in _SCHEMES]
            if each.scope:
                operation["x-scope"] = each.scope
