"""Data that no test has thought of: it ends the look at one resource, and nothing else."""

from __future__ import annotations

import traceback

import structlog

from classification.sources.contract import Problem

_log = structlog.get_logger(__name__)


def unexpected(resource: str, error: Exception) -> Problem:
    """The problem that an unforeseen error is; its text is left out everywhere, because it can hold values."""
    kind, frame = type(error).__name__, traceback.extract_tb(error.__traceback__)[-1]
    _log.error("reading_failed", resource=resource, error=kind, place=f"{frame.filename}:{frame.lineno}")
    return Problem(resource, f"reading it failed ({kind}); report this as a defect", "unexpected")
