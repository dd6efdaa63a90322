"""The combinations of values that a match brings."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from itertools import islice, product

from detection.match.text import text_of
from events import Event, values_of

_MOST = 100
_DIGEST_BYTES = 16


def combinations_of(event: Event, fields: Sequence[str], settling_ms: int) -> list[str]:
    """Digests of an event's combinations of values of the fields, letter case apart; none where a field is missing.

    A field of several values gives a combination for each, a hundred in all at most. What the digests are remembered
    by (the fields, the length of a piece of time) is part of them, so that a changed rule begins anew.
    """
    columns = []
    for name in fields:
        values = sorted({text_of(value).casefold() for value in values_of(event.get(name)) if value is not None})
        columns.append([value for value in values if value])
    head = [str(settling_ms), *fields]
    return [_digest([*head, *chosen]) for chosen in islice(product(*columns), _MOST)]


def _digest(parts: Sequence[str]) -> str:
    digest = hashlib.blake2b(digest_size=_DIGEST_BYTES)
    for part in parts:
        data = part.encode("utf-8", "surrogatepass")
        digest.update(len(data).to_bytes(4, "big") + data)
    return digest.hexdigest()
