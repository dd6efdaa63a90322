"""What can go wrong with masks and fingerprints."""

from __future__ import annotations

from classification.errors import ClassificationError


class MaskingError(ClassificationError):
    """Root of the errors of masking."""


class FingerprintKeyError(MaskingError):
    """The file of fingerprint keys can't be read, made or written, or is not what was written."""
