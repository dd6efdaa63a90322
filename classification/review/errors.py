"""What can be wrong with a step of review."""

from __future__ import annotations

from classification.errors import ClassificationError


class ReviewError(ClassificationError):
    """Root of the errors of review."""


class FindingNotFoundError(ReviewError):
    """There is no such finding, or none that the caller may see."""


class ReviewConflictError(ReviewError):
    """The finding's state does not allow the step."""


class SamePersonError(ReviewError):
    """Whoever proposed or edited a finding can't decide on it."""


class InvalidReviewError(ReviewError):
    """A step lacks what it needs, or asks for more than policy allows."""
