"""The order of events, by time and within a millisecond by id, as a number in the index and as a cursor."""

from __future__ import annotations

import base64
import binascii
from typing import TypeAlias

import orjson

from store.errors import CursorError

Place: TypeAlias = tuple[int, str]
"""Where an event stands: its time in milliseconds since 1970 UTC, its id."""

DAY_DIGITS = 5
"""Digits of the id that the order number of a day's index holds: 20 bits beside times until the year 2248."""

IMPLAUSIBLE_DIGITS = 3
"""The same for implausible times, of all years from 1 to 9999."""

_HEX = "0123456789abcdef"


def order_number(place: Place, digits: int) -> int:
    """A number that never contradicts the order of places; places that share it are told apart by their ids."""
    moment_ms, event_id = place
    return (moment_ms << 4 * digits) | _rank(event_id, digits)


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


def encode_cursor(place: Place) -> str:
    """An opaque cursor that continues after a place."""
    return base64.urlsafe_b64encode(orjson.dumps(place)).decode().rstrip("=")


def decode_cursor(cursor: str) -> Place:
    """The place that a cursor continues after.

    Raises:
        CursorError: the text is no cursor.
    """
    try:
        place = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError) as error:
        raise CursorError("the cursor is damaged; start the search again without one") from error
    match place:
        case [int(moment_ms), str(event_id)] if abs(moment_ms) < 1 << 48:
            return moment_ms, event_id
    raise CursorError("the cursor is damaged; start the search again without one")
