"""Identifiers that are valid, made by arithmetic of the tests' own."""

from __future__ import annotations

import string

from hypothesis import strategies as st

_REGIONS = ("110105", "440524", "310104", "510107", "659001", "132930", "420982", "810000", "820000", "830000")
_CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_ISSUERS = ("622202", "621700", "622848", "621661")
_VIN_LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"
_PLATE_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
digits = st.text("0123456789", min_size=1, max_size=1)


def some_digits(count: int) -> st.SearchStrategy[str]:
    return st.text("0123456789", min_size=count, max_size=count)


def with_mod_11_2(body: str) -> str:
    remainder = 0
    for digit in body:
        remainder = (remainder + int(digit)) * 2 % 11
    return body + "0123456789X"[(12 - remainder) % 11]


def with_luhn(body: str) -> str:
    for check in "0123456789":
        total = 0
        for place, digit in enumerate(reversed(body + check)):
            doubled = int(digit) * (1 + place % 2)
            total += doubled // 10 + doubled % 10
        if total % 10 == 0:
            return body + check
    raise AssertionError


def with_organization_check(body: str) -> str:
    total = sum(int(c, 36) * w for c, w in zip(body, (3, 7, 9, 10, 5, 8, 4, 2), strict=True))
    return body + "0123456789X0"[11 - total % 11]


def with_credit_check(body: str) -> str:
    total = sum(_CREDIT_ALPHABET.index(c) * pow(3, place, 31) for place, c in enumerate(body))
    return body + _CREDIT_ALPHABET[(31 - total % 31) % 31]


@st.composite
def resident_ids(draw: st.DrawFn) -> str:
    year, month, day = draw(st.integers(1900, 2020)), draw(st.integers(1, 12)), draw(st.integers(1, 28))
    body = draw(st.sampled_from(_REGIONS)) + f"{year}{month:02d}{day:02d}" + draw(some_digits(3))
    return with_mod_11_2(body)


@st.composite
def social_credit_codes(draw: st.DrawFn) -> str:
    letters = draw(st.text(_CREDIT_ALPHABET, min_size=7, max_size=7))
    inner = with_organization_check("M" + letters)
    return with_credit_check("91" + draw(st.sampled_from(_REGIONS[:7])) + inner)


@st.composite
def bank_cards(draw: st.DrawFn) -> str:
    return with_luhn(draw(st.sampled_from(_ISSUERS)) + draw(some_digits(12)))


@st.composite
def mobile_phones(draw: st.DrawFn) -> str:
    first, last = draw(some_digits(4)), draw(some_digits(3))
    return (
        draw(st.sampled_from(["138", "199", "170", "147"]))
        + first
        + "7"
        + last[:2]
        + ("1" if last[2] == "7" else "7") * 1
    )


@st.composite
def ipv4_addresses(draw: st.DrawFn) -> str:
    octets = [draw(st.integers(10, 255)), *(draw(st.integers(0, 255)) for _ in range(3))]
    return ".".join(map(str, octets))


@st.composite
def emails(draw: st.DrawFn) -> str:
    name = draw(st.text(string.ascii_lowercase + string.digits, min_size=1, max_size=20))
    domain = draw(st.text(string.ascii_lowercase, min_size=2, max_size=12))
    return f"{name}@{domain}.{draw(st.sampled_from(['cn', 'com', 'gov.cn']))}"


@st.composite
def license_plates(draw: st.DrawFn) -> str:
    start = draw(st.sampled_from("京沪粤苏")) + draw(st.sampled_from("ABCDEFGH"))
    ordinary = draw(st.text(_PLATE_LETTERS + string.digits, min_size=4, max_size=4)) + draw(digits)
    new_energy = "D" + draw(st.sampled_from(_PLATE_LETTERS)) + draw(some_digits(4))
    return start + draw(st.sampled_from([ordinary, new_energy]))


VALID: dict[str, st.SearchStrategy[str]] = {
    "resident_id": resident_ids(),
    "unified_social_credit_code": social_credit_codes(),
    "bank_card": bank_cards(),
    "mobile_phone": mobile_phones(),
    "ip_address": ipv4_addresses(),
    "email": emails(),
    "license_plate": license_plates(),
}
"""Identifiers that stand alone, by category."""
