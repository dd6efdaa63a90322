"""What can be wrong with a grade."""

from __future__ import annotations

from classification.errors import ClassificationError


class GradingError(ClassificationError):
    """Root of the errors of grading."""


class UnknownSchemeError(GradingError):
    """There is no scheme of this name."""


class UnknownGradeError(GradingError):
    """The scheme has no such grade."""
