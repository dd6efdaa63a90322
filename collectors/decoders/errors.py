"""What a decoder raises inside itself; outside only dead letters are seen."""

from __future__ import annotations

from collectors.record import Reason


class BrokenRecordError(ValueError):
    """Bytes that are no record; carries the dead letter's reason and a detail without values."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
