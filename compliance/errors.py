"""Errors of this part."""

from __future__ import annotations


class ComplianceError(ValueError):
    """Something can't be assessed so; the message says what and what to do next."""


class AssessmentNotFoundError(ComplianceError):
    """There is no such system, assessment, item or report, or none that the caller may see."""


class AssessmentConflictError(ComplianceError):
    """The state of an assessment or report does not allow it."""
