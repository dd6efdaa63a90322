"""What can be wrong with a rule, and where in the document."""

from __future__ import annotations

from typing import TypeAlias

from detection.errors import DetectionError

KeyPath: TypeAlias = tuple[str | int, ...]
"""The way from a document's root to the place meant."""


class RuleError(DetectionError):
    """A rule can't be loaded or evaluated faithfully; the message says why and how to mend it."""

    def __init__(self, message: str, where: KeyPath = ()) -> None:
        """Keep the place beside the message."""
        super().__init__(message)
        self.where = where
