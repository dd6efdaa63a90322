"""Signatures of calls out and in, after Standard Webhooks 1.0: HMAC-SHA256 over id, time and body."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Mapping, Sequence

from playbooks.errors import SignatureError

SECRET_PREFIX = "whsec_"  # noqa: S105 (marks a secret, is none)
_SECRET_BYTES = 32
_LONGEST_ID = 255


def new_secret() -> str:
    """A fresh secret in its written form."""
    return SECRET_PREFIX + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode("ascii")


def signed_headers(message_id: str, at_seconds: int, body: bytes, keys: Sequence[str]) -> dict[str, str]:
    """The three headers; one signature a secret, the present one first."""
    signatures = " ".join(f"v1,{_signature(message_id, str(at_seconds), body, key)}" for key in keys)
    return {"webhook-id": message_id, "webhook-timestamp": str(at_seconds), "webhook-signature": signatures}


def verify(headers: Mapping[str, str], body: bytes, keys: Sequence[str], now: int, tolerance: int) -> str:
    """The id of a signed message.

    Args:
        headers: with lower-case names.
        body: exactly as received.
        keys: secrets of which one must have signed.
        now: seconds since 1970.
        tolerance: how many seconds its time may be off.

    Raises:
        SignatureError: a header is missing, it is too old or too new, or no secret signed it.
    """
    message_id, moment = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not message_id or len(message_id) > _LONGEST_ID or not (moment.isascii() and moment.isdigit()):
        raise SignatureError("webhook-id and webhook-timestamp are needed; sign after Standard Webhooks")
    if abs(now - int(moment[:20])) > tolerance:
        raise SignatureError("the call is too old, or from the future; set the clock, and sign each attempt anew")
    given = [part[3:] for part in headers.get("webhook-signature", "").split() if part.startswith("v1,")]
    wanted = [_signature(message_id, moment, body, key) for key in keys]
    matches = [hmac.compare_digest(one.encode(), other.encode()) for one in given for other in wanted]
    if not any(matches):
        raise SignatureError("no known secret signed the call; use the endpoint's present secret")
    return message_id


def _signature(message_id: str, moment: str, body: bytes, key: str) -> str:
    try:
        raw = base64.b64decode(key.removeprefix(SECRET_PREFIX), validate=True)
    except binascii.Error as error:
        raise SignatureError("a secret is whsec_ and Base64; rotate it") from error
    signed = hmac.new(raw, f"{message_id}.{moment}.".encode() + body, hashlib.sha256).digest()
    return base64.b64encode(signed).decode("ascii")
