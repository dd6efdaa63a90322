"""The root of this part's errors."""

from __future__ import annotations


class ApiError(Exception):
    """Something a caller asked for can't be done; the message says what and what to do next."""

    def __init__(self, message: str = "", fault: str = "") -> None:
        """Keep what it is by a stable name, if it has one, so that readers are told in their language."""
        super().__init__(message)
        self.fault = fault
