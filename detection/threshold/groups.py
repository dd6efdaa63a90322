"""Which matches of a rule with a threshold are counted together."""

from __future__ import annotations

import hashlib

from detection.match.text import text_of
from detection.rules.rule_types import Threshold
from events import Event, values_of

_DIGEST_BYTES = 16


def group_of(event: Event, threshold: Threshold) -> str | None:
    """A digest of the values that a group has in common; None where a field is missing."""
    digest = hashlib.blake2b(f"{threshold.within_ms}:{threshold.count}".encode(), digest_size=_DIGEST_BYTES)
    for name in threshold.fields:
        values = sorted({text_of(value) for value in values_of(event.get(name)) if value is not None})
        if not any(values):
            return None
        for part in (name, *values):
            data = part.encode("utf-8", "surrogatepass")
            digest.update(len(data).to_bytes(4, "big") + data)
    return digest.hexdigest()
