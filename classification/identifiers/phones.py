"""Checks of telephone numbers."""

from __future__ import annotations

import re

# Prefixes of China's mobile networks; 14x0 and 10 64x are machines, not people.
_MOBILE = re.compile(r"1(?:3[0-9]|4[5-9]|5[0-35-9]|6[2567]|7[0-8]|8[0-9]|9[0-35-9])[0-9]{8}")
_AREA = re.compile(r"0?(?:10|2[0-57-9])[2-8][0-9]{7}|0?[3-9][0-9]{2}[2-8][0-9]{6,7}")
_EXTENSION = re.compile(r"(?: ?转 ?|(?<=[0-9]{7})-)[0-9]{1,6}$")
_SAME_DIGIT = re.compile(r"(.)\1*")
_SUBSCRIBER_DIGITS = 8
_E164_DIGITS = range(8, 16)
_CHINA = "86"


def _digits(value: str) -> str:
    return value if value.isdecimal() else "".join(character for character in value if character.isdecimal())


def mobile_phone(value: str) -> bool:
    """A mobile number of China, with or without its country code, whose subscriber part isn't one digit repeated."""
    digits = _digits(value)[-11:]
    return _MOBILE.fullmatch(digits) is not None and not _SAME_DIGIT.fullmatch(digits[-_SUBSCRIBER_DIGITS:])


def landline_phone(value: str) -> bool:
    """Area code, then seven or eight digits that begin with 2 to 8; an extension may follow."""
    digits = _digits(_EXTENSION.sub("", value))
    return _AREA.fullmatch(re.sub(r"^(?:00)?86", "", digits)) is not None


def landline_local(value: str) -> bool:
    """A subscriber number without area code."""
    return not _SAME_DIGIT.fullmatch(value)


def international_phone(value: str) -> bool:
    """ITU-T E.164 with a country code other than China's."""
    digits = _digits(value)
    return len(digits) in _E164_DIGITS and digits[0] != "0" and not digits.startswith(_CHINA)


def north_american_phone(value: str) -> bool:
    """North American numbering plan: area codes begin with 2 to 9, and the second and third digit aren't both 1."""
    area = _digits(value)[-10:][:3]
    return area[0] in "23456789" and area[1:] != "11"
