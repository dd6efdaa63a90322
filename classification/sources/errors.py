"""What can be wrong with a source of data."""

from __future__ import annotations

from classification.errors import ClassificationError


class SourceNotFoundError(ClassificationError):
    """What was named is no file, no folder and no database address."""


class UnreadableError(ClassificationError):
    """A file, a sheet or a table can't be read, or not to its end; says what and what to do next, and no value."""
