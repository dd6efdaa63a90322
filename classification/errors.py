"""The root of what can go wrong when data is classified."""

from __future__ import annotations


class ClassificationError(Exception):
    """Something of classification can't be done; the message says where, what, and what to do next."""
