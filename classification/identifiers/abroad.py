"""Checks of identifiers and addresses as the United States write them."""

from __future__ import annotations

_SSN_DIGITS = 9


def us_social_security_number(value: str) -> bool:
    """Area, group and serial as the Social Security Administration issues them."""
    digits = value.replace("-", "").replace(" ", "")
    area = digits[:3]
    return (
        len(digits) == _SSN_DIGITS
        and area not in {"000", "666"}
        and area[0] != "9"
        and digits[3:5] != "00"
        and digits[5:] != "0000"
    )


def us_driving_license(value: str) -> bool:
    """Each state has its own form; what they share is digits enough to tell people apart."""
    return sum(character.isdigit() for character in value) >= 5 and len(value) >= 6  # noqa: PLR2004 (the shortest)


def street_address(value: str) -> bool:
    """A house number, and a street whose name has letters before what kind of street it is."""
    return any(character.isalpha() for word in value.split(" ")[1:-1] for character in word)
