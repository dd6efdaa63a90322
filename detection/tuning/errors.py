"""What can be wrong with an exception or a silence."""

from __future__ import annotations

from detection.errors import DetectionError


class TuningError(DetectionError):
    """An exception or a silence lacks what it needs, or asks for more than policy allows."""

    def __init__(self, message: str = "", fault: str = "") -> None:
        """Keep what it is by a stable name, if it has one, so that readers are told in their language."""
        super().__init__(message)
        self.fault = fault


class TuningNotFoundError(DetectionError):
    """There is no such exception or silence."""


class ExceptionNotFoundError(TuningNotFoundError):
    """There is no exception of this id."""


class SilenceNotFoundError(TuningNotFoundError):
    """There is no silence of this id."""


class TuningConflictError(DetectionError):
    """The state of an exception or a silence does not allow the step."""


class TruePositivesRemovedError(DetectionError):
    """An exception would have hidden alerts that people closed as true positives, and nobody confirmed that."""
