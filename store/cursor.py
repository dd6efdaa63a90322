"""Cursors: where a search goes on, opaque to whoever holds them."""

from __future__ import annotations

import base64
import binascii
from typing import Any, TypeAlias

import orjson

from store.errors import CursorError

Place: TypeAlias = tuple[int, str]
"""Where an event stands: its time in milliseconds since 1970 UTC, its id."""


def encode_cursor(parts: tuple[Any, ...]) -> str:
    """An opaque cursor that holds these parts."""
    return base64.urlsafe_b64encode(orjson.dumps(parts)).decode().rstrip("=")


def decode_cursor(cursor: str) -> list[Any]:
    """The parts that a cursor holds, of which the first two are a place.

    Raises:
        CursorError: the text is no cursor.
    """
    try:
        parts = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError) as error:
        raise damaged_cursor() from error
    match parts:
        case [int(moment_ms), str(), *_] if abs(moment_ms) < 1 << 48:
            return list(parts)
    raise damaged_cursor()


def damaged_cursor() -> CursorError:
    """The error of a cursor that no search gave."""
    return CursorError("the cursor is damaged; start the search again without one")
