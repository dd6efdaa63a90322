"""The root of what can go wrong when data is classified."""

from __future__ import annotations


class ClassificationError(Exception):
    """Something of classification can't be done; the message says where, what, and what to do next."""

    def __init__(self, message: str = "", fault: str = "") -> None:
        """Keep what it is by a stable name, if it has one, so that readers are told in their language."""
        super().__init__(message)
        self.fault = fault
