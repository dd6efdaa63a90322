"""Errors of this part."""

from __future__ import annotations

from typing import ClassVar


class ComplianceError(ValueError):
    """Something can't be assessed so; the message says what and what to do next, ``code`` which kind of thing it is."""

    code: ClassVar[str] = "invalid"


class AssessmentNotFoundError(ComplianceError):
    """There is no such system, assessment, item or report, or none that the caller may see."""

    code = "gone"


class LevelsMissingError(ComplianceError):
    """A system has no levels to be assessed by."""

    code = "no_levels"


class AssessmentConflictError(ComplianceError):
    """The state of an assessment or report does not allow it."""
