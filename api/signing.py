"""Texts that come back from the browser unchanged or not at all: cursors and CSRF tokens, signed with HMAC-SHA-256."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from http import HTTPStatus
from typing import Any

from api.problems import ProblemError

_SIGNATURE_BYTES = 16
_MINIMUM_KEY_BYTES = 32


def check_secret_key(key: bytes) -> None:
    """Refuse a key too short to sign with.

    Raises:
        ValueError: fewer than 32 bytes.
    """
    if len(key) < _MINIMUM_KEY_BYTES:
        raise ValueError(f"The secret key has {len(key)} bytes; give at least {_MINIMUM_KEY_BYTES} random ones")


def csrf_token(key: bytes, session_id: str) -> str:
    """The token that a session's forms and scripts send with each change."""
    return hmac.new(key, b"csrf\0" + session_id.encode(), hashlib.sha256).hexdigest()


def csrf_token_matches(key: bytes, session_id: str, presented: str) -> bool:
    """Whether a presented token is the session's."""
    return hmac.compare_digest(csrf_token(key, session_id).encode(), presented.encode("utf-8", "replace"))


def encode_cursor(key: bytes, purpose: str, position: object) -> str:
    """An opaque cursor for a list; ``purpose`` binds it to the list and its filter, ``position`` is JSON."""
    payload = json.dumps(position, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(_signature(key, purpose, payload) + payload).decode().rstrip("=")


def decode_cursor(key: bytes, purpose: str, cursor: str) -> Any:  # noqa: ANN401 (what the list itself put in)
    """The position of a cursor made for the same purpose.

    Raises:
        ProblemError: the cursor was made for another list or filter, or was changed.
    """
    try:
        decoded = base64.urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4))
    except (UnicodeEncodeError, binascii.Error):
        decoded = b""
    signature, payload = decoded[:_SIGNATURE_BYTES], decoded[_SIGNATURE_BYTES:]
    if not hmac.compare_digest(signature, _signature(key, purpose, payload)):
        raise ProblemError(
            HTTPStatus.BAD_REQUEST,
            "invalid_cursor",
            "The cursor belongs to another list or filter; start again without it",
        )
    return json.loads(payload)


def _signature(key: bytes, purpose: str, payload: bytes) -> bytes:
    message = b"cursor\0" + purpose.encode() + b"\0" + payload
    return hmac.new(key, message, hashlib.sha256).digest()[:_SIGNATURE_BYTES]
