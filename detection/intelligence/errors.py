"""What can be wrong with threat intelligence that comes in."""

from __future__ import annotations

from detection.errors import DetectionError


class IntelligenceError(DetectionError):
    """Indicators can't be taken in; the message says where, what and what to do next."""


class IndicatorNotFoundError(IntelligenceError):
    """There is no indicator of this id."""


class NoIndicatorError(IntelligenceError):
    """A single value is none that events can be compared with; the rest of its file is not touched by that."""
