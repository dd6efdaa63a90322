"""Checks of license plates and vehicle identification numbers."""

from __future__ import annotations

import re

from classification.identifiers.issuers import load_issuers

_PLATE = re.compile(
    r".[A-HJ-NP-Z](?:(?=.*[0-9])[A-HJ-NP-Z0-9]{4}[A-HJ-NP-Z0-9挂学警港澳]|[A-HJK][A-HJ-NP-Z0-9][0-9]{4}|[0-9]{5}[A-HJK])"
)
_VIN_VALUES = {str(digit): digit for digit in range(10)} | dict(
    zip("ABCDEFGHJKLMNPRSTUVWXYZ", (1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 7, 9, 2, 3, 4, 5, 6, 7, 8, 9), strict=True)
)
_VIN_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
_CHECK_PLACE = 8


def license_plate(value: str) -> bool:
    """GA 36: province, authority (no I, no O), five characters; six for new-energy vehicles."""
    return _PLATE.fullmatch(re.sub("[·• -]", "", value)) is not None


def vin(value: str) -> bool:
    """GB 16735: the ninth character is the check; letters and digits both occur."""
    if value.isdecimal() or value.isalpha():
        return False
    total = sum(_VIN_VALUES[character] * weight for character, weight in zip(value, _VIN_WEIGHTS, strict=True))
    return value[_CHECK_PLACE] == "0123456789X"[total % 11]


def vin_known_maker(value: str) -> bool:
    """As ``vin``, of a maker known."""
    return value[:3] in load_issuers().vehicle_makers and vin(value)
