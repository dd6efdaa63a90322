"""Errors of this part."""

from __future__ import annotations


class ComplianceError(ValueError):
    """Something can't be assessed so; the message says what and what to do next."""
