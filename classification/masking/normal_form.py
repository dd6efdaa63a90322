"""The one form of a value, however it was written, so that equal values have equal fingerprints."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from ipaddress import ip_address

from classification.masking.policy import Form, masking_policy

_OLD_RESIDENT_ID = 15
_CENTURY_OF_OLD_IDS = "19"
_CHECK_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK_CHARACTERS = "10X98765432"
_COUNTRY = "86"
_SHORTEST_NATIONAL_NUMBER = 10


def normal_form(value: object, category: str | None) -> str:
    """The value in its category's form; NFKC throughout, so that full-width digits are digits."""
    return _FORMS[masking_policy().of(category).form](unicodedata.normalize("NFKC", str(value)))


def _text(value: str) -> str:
    return "".join(value.casefold().split())


def _code(value: str) -> str:
    return "".join(character for character in value.upper() if character.isalnum())


def _phone(value: str) -> str:
    """Without the country (+86, 0086) and the zeros before an area code, which are dialed or not."""
    digits = "".join(character for character in value if character.isdecimal()).lstrip("0")
    national = digits.removeprefix(_COUNTRY).lstrip("0")
    return (national if len(national) >= _SHORTEST_NATIONAL_NUMBER else digits) or _text(value)


def _resident_id(value: str) -> str:
    """GB 11643-1999 §4: a number of 15 digits gets its century and its check character (ISO 7064 MOD 11-2)."""
    code = _code(value)
    if len(code) != _OLD_RESIDENT_ID or not (code.isascii() and code.isdecimal()):
        return code
    body = code[:6] + _CENTURY_OF_OLD_IDS + code[6:]
    return body + _CHECK_CHARACTERS[sum(int(d) * w for d, w in zip(body, _CHECK_WEIGHTS, strict=True)) % 11]


def _address(value: str) -> str:
    try:
        return str(ip_address(value.strip()))
    except ValueError:
        return _text(value)


_FORMS: dict[Form, Callable[[str], str]] = {
    "text": _text,
    "code": _code,
    "phone": _phone,
    "resident_id": _resident_id,
    "address": _address,
}
