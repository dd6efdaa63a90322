"""Checks of numbers that identify persons in China: GB 11643-1999 and the permits that share its check digit."""

from __future__ import annotations

from datetime import date
from operator import mul

from classification.identifiers.regions import is_region, load_regions, province_codes

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK_CHARACTERS = "10X98765432"
_EARLIEST_BIRTH = 1850
_FULL_LENGTH = 18
_HKID_WEIGHTS = (9, 8, 7, 6, 5, 4, 3, 2)
_COUNTRIES = range(4, 895)


def mod_11_2(first_seventeen: str) -> str:
    """The check character of ISO 7064 MOD 11-2, as GB 11643 uses it."""
    return _CHECK_CHARACTERS[sum(map(mul, map(int, first_seventeen), _WEIGHTS)) % 11]


def is_birth_date(digits: str) -> bool:
    """Whether ``YYYYMMDD`` is a date that exists, not before 1850 and not after today."""
    try:
        born = date(int(digits[:4]), int(digits[4:6]), int(digits[6:8]))
    except ValueError:
        return False
    return born.year >= _EARLIEST_BIRTH and born <= date.today()  # noqa: DTZ011 (a birth date has no zone)


def _ungrouped(value: str) -> str:
    return value.replace(" ", "").replace("-", "").upper()


def _has_check_character(number: str) -> bool:
    return len(number) == _FULL_LENGTH and number[:17].isdecimal() and mod_11_2(number[:17]) == number[17]


def resident_id(value: str) -> bool:
    """GB 11643-1999: region, date of birth and check character; 81/82/83 0000 are permits for people of 港澳台."""
    number = _ungrouped(value)
    if not (is_region(number[:6]) or number[:6] in load_regions().permits):
        return False
    return _has_check_character(number) and is_birth_date(number[6:14])


def resident_id_15(value: str) -> bool:
    """The number of before 1999: region and date of birth in the 1900s; it has no check character."""
    return len(value) == 15 and value.isdecimal() and is_region(value[:6]) and is_birth_date("19" + value[6:12])  # noqa: PLR2004 (the form's length)


def foreign_permanent_residence(value: str) -> bool:
    """The card of 2023: 9, province of issue, nationality (ISO 3166 numeric), date of birth, serial, check."""
    number = value.upper()
    if number[:1] != "9" or not _has_check_character(number):
        return False
    return number[1:3] in province_codes() and int(number[3:6]) in _COUNTRIES and is_birth_date(number[6:14])


def foreign_permanent_residence_15(value: str) -> bool:
    """The card of before: three letters of nationality, division of issue, date of birth (YYMMDD), two digits."""
    return value[:3].isalpha() and value[3:5] in province_codes() and is_birth_date("19" + value[7:13])


def hkid(value: str) -> bool:
    """Hong Kong identity card: one or two letters, six digits, check (weights 9..2, a missing letter counts 36)."""
    number = value.upper().replace("(", "").replace(")", "")
    body, check = number[:-1].rjust(8), number[-1:]
    values = [36 if character == " " else int(character, 36) for character in body]
    total = sum(part * weight for part, weight in zip(values, _HKID_WEIGHTS, strict=True))
    return (total + (10 if check == "A" else int(check, 36))) % 11 == 0


def birth_date(value: str) -> bool:
    """A date of birth in one of the usual spellings; both orders of day and month are tried where the year is last."""
    digits = value.rstrip("日")
    for separator in "年月/.":
        digits = digits.replace(separator, "-")
    parts = digits.split("-")
    if len(parts) == 1:
        return is_birth_date(digits)
    if len(parts[0]) == 4:  # noqa: PLR2004 (a year)
        return is_birth_date(parts[0] + parts[1].zfill(2) + parts[2].zfill(2))
    one, other, year = parts[0].zfill(2), parts[1].zfill(2), parts[2]
    return is_birth_date(year + one + other) or is_birth_date(year + other + one)
