"""The order of events, by time and within a millisecond by id, as a number in the index."""

from __future__ import annotations

from hashlib import blake2b

from store.cursor import Place

DAY_DIGITS = 5
"""Digits of the id that the order number of a day's index holds: 20 bits beside times until the year 2248."""

IMPLAUSIBLE_DIGITS = 3
"""The same for implausible times, of all years from 1 to 9999."""

_HEX = "0123456789abcdef"
_ID_DIGITS = 15


def order_number(place: Place, digits: int) -> int:
    """A number that never contradicts the order of places; places that share it are told apart by their ids."""
    moment_ms, event_id = place
    return (moment_ms << 4 * digits) | _rank(event_id, digits)


def id_number(event_id: str) -> int:
    """A number of 60 bits made of an id; hardly any two ids share it."""
    try:
        return int(event_id[-_ID_DIGITS:], 16)
    except ValueError:
        return int.from_bytes(blake2b(event_id.encode(), digest_size=7).digest())


def _rank(event_id: str, digits: int) -> int:
    """The leading hexadecimal digits of an id; in another id what follows its first other character is cut off."""
    head = event_id[:digits]
    try:
        if head.isalnum() and len(head) == digits:
            return int(head, 16)
    except ValueError:
        pass
    rank = 0
    for place, char in enumerate(head):
        smaller = sum(digit <= char for digit in _HEX)
        rank |= max(smaller - 1, 0) << 4 * (digits - 1 - place)
        if char not in _HEX:
            if smaller:
                rank |= (1 << 4 * (digits - 1 - place)) - 1
            break
    return rank
