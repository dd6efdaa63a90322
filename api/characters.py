"""Refuses text and numbers that no store takes, wherever in a request they stand (I-JSON, RFC 7493 §2)."""

from __future__ import annotations

import json
import re
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote_to_bytes

from fastapi import Request

from api.problems import ProblemError

_ESCAPED = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])|[0-9]{16}|[eE]\+?[0-9]{3}|Infinity|NaN")
"""What a body must hold for a closer look to be worth it: NUL, a surrogate, or a number beyond exact integers."""
_LARGEST = 2**63 - 1
_FORM = "application/x-www-form-urlencoded"
_MAXIMUM_DEPTH = 200


async def check_characters(request: Request) -> None:
    """Look through path, query, and the body of a form or of JSON.

    Raises:
        ProblemError: there is a NUL, half a surrogate pair, bytes that are no UTF-8, a number of more than 64 bits or
            one that is none, or a body nested too deeply.
    """
    _check_address(request)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == _FORM:
        _check_bytes(unquote_to_bytes((await request.body()).replace(b"+", b" ")))
    if not kind.endswith("json"):
        return
    body = await request.body()
    if body.count(b"[") + body.count(b"{") > _MAXIMUM_DEPTH or _ESCAPED.search(body):
        _check_body(body)


def _check_address(request: Request) -> None:
    path, query = request.scope.get("raw_path", b""), request.scope.get("query_string", b"")
    for part in (path, query.replace(b"+", b" ")):
        if b"%" in part or not part.isascii():
            _check_bytes(unquote_to_bytes(part))


def _check_bytes(content: bytes) -> None:
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _refused("There are bytes that are no UTF-8") from error
    if "\0" in text:
        raise _refused("There is a NUL character")


def _check_body(body: bytes) -> None:
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        return  # told as malformed where the route reads it
    _check_value(content, 0)


def _check_value(value: Any, depth: int) -> None:  # noqa: ANN401 (any JSON)
    if depth > _MAXIMUM_DEPTH:
        raise _refused("The body is nested too deeply")
    if isinstance(value, str):
        if "\0" in value or not _is_well_formed(value):
            raise _refused("The body holds a NUL character or half a surrogate pair")
    elif isinstance(value, dict):
        for name, each in value.items():
            _check_value(name, depth)
            _check_value(each, depth + 1)
    elif isinstance(value, list):
        for each in value:
            _check_value(each, depth + 1)
    elif isinstance(value, int | float) and not abs(value) <= _LARGEST:
        raise _refused("The body holds a number of more than 64 bits, or one that is none")


def _is_well_formed(text: str) -> bool:
    return text.isascii() or not any("\ud800" <= each <= "\udfff" for each in text)


def _refused(detail: str) -> ProblemError:
    return ProblemError(HTTPStatus.BAD_REQUEST, "invalid_characters", f"{detail}; leave it out")
