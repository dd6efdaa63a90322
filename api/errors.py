"""The root of this part's errors."""

from __future__ import annotations


class ApiError(Exception):
    """Something a caller asked for can't be done; the message says what and what to do next."""
