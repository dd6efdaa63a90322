"""Checks of numbers that identify organizations in China."""

from __future__ import annotations

from classification.identifiers.regions import is_region, province_codes

_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_VALUES = {character: value for value, character in enumerate(_ALPHABET)}
_CREDIT_WEIGHTS = tuple(pow(3, place, 31) for place in range(17))
_ORGANIZATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
# 登记管理部门 and 机构类别 (GB 32100-2015, table 1, with the additions since).
_KINDS = {
    "1": "1239", "2": "19", "3": "123459", "4": "19", "5": "1239", "6": "129", "7": "129", "8": "19", "9": "123",
    "A": "19", "N": "1239", "Y": "1",
}  # fmt: skip
_NATIONAL_REGISTER = "100000"
_WITHOUT_ORGANIZATION_CODE = "92"


def organization_code(value: str) -> bool:
    """GB 11714-1997: eight letters or digits and a check character (10 is X, 11 is 0)."""
    code = value.replace("-", "").upper()
    total = sum(int(character, 36) * weight for character, weight in zip(code[:8], _ORGANIZATION_WEIGHTS, strict=True))
    return code[8] == "0123456789X0"[11 - total % 11]


def social_credit_code(value: str) -> bool:
    """GB 32100-2015: register and kind, division, organization code with its own check, check character.

    Sole traders (92) were given codes whose inner check was not always kept, so theirs isn't asked for.
    """
    code = value.upper()
    if code[1] not in _KINDS.get(code[0], ""):
        return False
    if not (is_region(code[2:8]) or code[2:8] == _NATIONAL_REGISTER or _is_province_register(code[2:8])):
        return False
    total = sum(_VALUES[character] * weight for character, weight in zip(code[:17], _CREDIT_WEIGHTS, strict=True))
    if _ALPHABET[(31 - total % 31) % 31] != code[17]:
        return False
    return code[:2] == _WITHOUT_ORGANIZATION_CODE or organization_code(code[8:17])


def _is_province_register(division: str) -> bool:
    return division[:2] in province_codes() and division[2:] == "0000"


def social_credit_code_with_letter(value: str) -> bool:
    """As ``social_credit_code``, and some letter in it: what sets it apart from a long number."""
    return not value.isdecimal() and social_credit_code(value)


def business_registration(value: str) -> bool:
    """工商注册号 of before 2015: division, serial, and ISO 7064 MOD 11,10."""
    product = 10
    for digit in value[:14]:
        product = ((product + int(digit)) % 10 or 10) * 2 % 11
    return (product + int(value[14])) % 10 == 1 and (is_region(value[:6]) or _is_province_register(value[:6]))
