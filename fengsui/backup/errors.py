"""What can go wrong with a backup."""

from __future__ import annotations

from fengsui.errors import FengsuiError


class BackupError(FengsuiError):
    """A backup can't be made."""


class BackupRefusedError(FengsuiError):
    """A backup can't be restored: it is not whole, was changed, or would overwrite what is there."""
