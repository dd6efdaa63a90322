"""What can be wrong with a data source or a scan."""

from __future__ import annotations

from classification.errors import ClassificationError


class InvalidDataSourceError(ClassificationError):
    """A data source lacks what it needs, or asks for more than policy and settings allow."""


class DataSourceNotFoundError(ClassificationError):
    """There is no such data source, or none that the caller may see."""


class ScanNotFoundError(ClassificationError):
    """There is no such scan, or none that the caller may see."""


class ScanConflictError(ClassificationError):
    """The state of a scan or of its source does not allow the step."""


class ScanInterruptedError(Exception):
    """A running scan ends before its end: cancelled, taken over by another worker, or its process ends."""
