"""Checks of bank cards, devices and international accounts."""

from __future__ import annotations

import re

from classification.identifiers.issuers import load_issuers

_DOUBLED = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)
_ISSUER_DIGITS = 6
_IBAN_LENGTHS = {
    "AD": 24, "AE": 23, "AL": 28, "AT": 20, "AZ": 28, "BA": 20, "BE": 16, "BG": 22, "BH": 22, "BR": 29, "BY": 28,
    "CH": 21, "CR": 22, "CY": 28, "CZ": 24, "DE": 22, "DK": 18, "DO": 28, "EE": 20, "EG": 29, "ES": 24, "FI": 18,
    "FO": 18, "FR": 27, "GB": 22, "GE": 22, "GI": 23, "GL": 18, "GR": 27, "GT": 28, "HR": 21, "HU": 28, "IE": 22,
    "IL": 23, "IQ": 23, "IS": 26, "IT": 27, "JO": 30, "KW": 30, "KZ": 20, "LB": 28, "LC": 32, "LI": 21, "LT": 20,
    "LU": 20, "LV": 21, "LY": 25, "MC": 27, "MD": 24, "ME": 22, "MK": 19, "MR": 27, "MT": 31, "MU": 30, "NL": 18,
    "NO": 15, "PK": 24, "PL": 28, "PS": 29, "PT": 25, "QA": 29, "RO": 24, "RS": 22, "SA": 24, "SC": 31, "SE": 24,
    "SI": 19, "SK": 24, "SM": 27, "TL": 23, "TN": 24, "TR": 26, "UA": 29, "VA": 22, "VG": 24, "XK": 20,
}  # fmt: skip
_ISO_COUNTRIES = frozenset([*_IBAN_LENGTHS, *re.findall("..", (
    "USCACNHKMOTWJPKRINIDMYSGTHVNPHAUNZRUZAMXARCLCOPEVEUYPYBOECPAHNNISVCUJMTTBSBBBMKYNGKEGHTZUGETZWZMBWNAMZAOCMCISN"
    "DZMASDLYOMYESYIRAFBDLKNPMMKHLABNMNUZTMKGTJAMKZPGFJMVBTRWGAMGMLBFNETDBJTG"
))])  # fmt: skip


def luhn(digits: str) -> bool:
    """ISO/IEC 7812-1, annex B."""
    total = sum(int(digit) for digit in digits[-1::-2]) + sum(_DOUBLED[int(digit)] for digit in digits[-2::-2])
    return total % 10 == 0


def _ungrouped(value: str) -> str:
    return value.replace(" ", "").replace("-", "")


def bank_card(value: str) -> bool:
    """Luhn's check digit, and leading digits and length of a card network."""
    number = _ungrouped(value)
    return load_issuers().has_network(number) and luhn(number)


def bank_card_known_issuer(value: str) -> bool:
    """Luhn's check digit, and an issuer in China known for this length."""
    number = _ungrouped(value)
    return number[:_ISSUER_DIGITS] in load_issuers().cards.get(len(number), ()) and luhn(number)


def imei(value: str) -> bool:
    """Luhn's check digit (3GPP TS 23.003), and a reporting body's number in front."""
    return value[:2] in {"01", "35", "86", "99"} and luhn(value)


def iban(value: str) -> bool:
    """ISO 13616: the country's length, and mod 97 is 1."""
    number = value.replace(" ", "")
    if _IBAN_LENGTHS.get(number[:2]) != len(number):
        return False
    return int("".join(str(int(character, 36)) for character in number[4:] + number[:4])) % 97 == 1


def swift_code(value: str) -> bool:
    """ISO 9362: institution, a country that exists, location; a branch where there is one."""
    return value[4:6] in _ISO_COUNTRIES
