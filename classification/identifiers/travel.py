"""Checks of travel documents; none has a check digit on its face, so each needs a word beside it."""

from __future__ import annotations

import re

_PASSPORT = re.compile(
    r"E[0-9]{8}|E[A-HJ-NP-Z][0-9]{7}|G[0-9]{8}|(?:DE|SE|PE|MA|MB|KJ)[0-9]{7}|[DPS][0-9]{7,8}|[KH][0-9]{8}|1[45][0-9]{7}"
)
_HK_MACAU = re.compile(r"[CW][0-9]{8}|C[A-HJ-NP-Z][0-9]{7}")
_TAIWAN = re.compile(r"[LT][0-9]{8}")
_MAINLAND = re.compile(r"[HM][0-9]{8}(?:[0-9]{2})?|[0-9]{8}")


def passport(value: str) -> bool:
    """Chinese passports: ordinary E and G, diplomatic, service, public affairs, Hong Kong, Macau."""
    return _PASSPORT.fullmatch(value.upper()) is not None


def hk_macau_permit(value: str) -> bool:
    """往来港澳通行证: C (old: W) and eight digits, or C, a letter and seven digits."""
    return _HK_MACAU.fullmatch(value.upper()) is not None


def taiwan_permit(value: str) -> bool:
    """往来台湾通行证: L or T and eight digits."""
    return _TAIWAN.fullmatch(value.upper()) is not None


def mainland_travel_permit(value: str) -> bool:
    """回乡证 (H or M and eight or ten digits) and 台胞证 (eight digits)."""
    return _MAINLAND.fullmatch(value.upper()) is not None
