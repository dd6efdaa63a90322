"""Checks of keys, tokens and passwords."""

from __future__ import annotations

import base64
import binascii
import json
import math
import re
from collections import Counter

_TOKEN_BITS = 3.0
_KEY_BITS = 2.5
_PLACEHOLDER = re.compile(
    r"(?:.*[<>{}$%*].*|x+|\.+|-+|_+|null|none|nil|true|false|undefined|required|optional|string|password|passwd|secret|"
    r"token|your.*|changeme.*|example.*|self\..*|os\..*|req\..*|request.*|get.*\(.*|.*\(\).*)",
    re.IGNORECASE,
)


def bits_per_character(value: str) -> float:
    """Shannon entropy of a string's characters, in bits."""
    return -sum(count / len(value) * math.log2(count / len(value)) for count in Counter(value).values())


def _is_mixed(value: str) -> bool:
    return any(c.isdigit() for c in value) and any(c.isalpha() for c in value)


def access_key(value: str) -> bool:
    """A cloud provider's key id: its prefix, then what looks random."""
    return bits_per_character(value) >= _KEY_BITS


def secret_token(value: str) -> bool:
    """Letters and digits with at least three bits a character, and no placeholder."""
    return _is_mixed(value) and bits_per_character(value) >= _TOKEN_BITS and not _PLACEHOLDER.fullmatch(value)


def password(value: str) -> bool:
    """What was assigned looks chosen: letters with digits or signs, and no placeholder."""
    bare = value.strip("\"',;")
    mixed = any(c.isalpha() for c in bare) and any(not c.isalpha() for c in bare)
    return mixed and not _PLACEHOLDER.fullmatch(bare)


def json_web_token(value: str) -> bool:
    """RFC 7519: the header is JSON that names an algorithm."""
    header = value.partition(".")[0]
    try:
        return "alg" in json.loads(base64.urlsafe_b64decode(header + "=" * (-len(header) % 4)))
    except (binascii.Error, ValueError, TypeError):
        return False


def secret_block(value: str) -> bool:
    """RFC 7468: the line that opens a private key says all there is to say."""
    return "PRIVATE KEY" in value
