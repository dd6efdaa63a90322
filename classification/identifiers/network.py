"""Checks of network addresses, coordinates and e-mail addresses."""

from __future__ import annotations

import ipaddress
import re

_NO_CHAPTER = 10
_LARGE = 64
_COLONS_BEFORE_IPV4 = 6
_NUMBER = re.compile(r"-?[0-9]{1,3}\.[0-9]+")
_CHINA_LONGITUDE = (73.0, 136.0)
_CHINA_LATITUDE = (3.0, 54.0)


def ipv4(value: str) -> bool:
    """Four octets without leading zeros; 0 in front is no host."""
    octets = value.split(".")
    if any(int(octet) > 255 or (octet[0] == "0" and octet != "0") for octet in octets):  # noqa: PLR2004 (an octet)
        return False
    return octets[0] != "0"


def ipv4_no_clause(value: str) -> bool:
    """As ``ipv4``, and no number of a version or a clause, whose first part is small and no part large."""
    if not ipv4(value):
        return False
    octets = [int(octet) for octet in value.split(".")]
    return octets[0] >= _NO_CHAPTER or max(octets) >= _LARGE


def ipv6(value: str) -> bool:
    """RFC 4291; a shortened form has at least three groups, so that C++'s ``a::b`` isn't one."""
    if "::" not in value and value.count(":") < _COLONS_BEFORE_IPV4:
        return False
    try:
        ipaddress.IPv6Address(value)
    except ValueError:
        return False
    return sum(1 for group in value.split(":") if group) >= 3  # noqa: PLR2004 (as above)


def mac_address(value: str) -> bool:
    """IEEE 802: six octets, not all alike; with a letter, since digits alone may be a date or a serial."""
    octets = re.findall("[0-9a-f]{2}", value.lower())
    return len(set(octets)) > 1 and any(character in "abcdef" for character in value.lower())


def _pair(value: str) -> tuple[float, float]:
    first, second = _NUMBER.findall(value)[:2]
    return float(first), float(second)


def coordinates(value: str) -> bool:
    """Longitude and latitude in degrees, in either order."""
    first, second = map(abs, _pair(value))
    return min(first, second) <= 90 and max(first, second) <= 180 and min(first, second) > 0  # noqa: PLR2004 (degrees)


def coordinates_in_china(value: str) -> bool:
    """Longitude and latitude, in either order, within China."""
    first, second = sorted(_pair(value))
    return _CHINA_LATITUDE[0] < first < _CHINA_LATITUDE[1] and _CHINA_LONGITUDE[0] < second < _CHINA_LONGITUDE[1]


def email(value: str) -> bool:
    """RFC 5321 addresses as people use them; names of files (``icon@2x.png``) and of packages are not."""
    local, _, domain = value.rpartition("@")
    if local[0] == "." or local[-1] == "." or ".." in local or domain.startswith("-"):
        return False
    return not domain.lower().endswith((".png", ".jpg", ".jpeg", ".gif", ".svg", ".webp", ".js", ".css"))
