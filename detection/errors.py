"""The root of this part's errors."""

from __future__ import annotations


class DetectionError(Exception):
    """Something in detection went wrong; the message says where, what and what to do next."""
