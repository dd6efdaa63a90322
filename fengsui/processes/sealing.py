"""Sealing the audit trail while the product runs."""

from __future__ import annotations

import structlog

from audit import AnchorFile, CheckpointDue, CheckpointSigner, is_due, seal
from fengsui.settings import Settings
from policies.audit import checkpoint_policy
from store.records import RecordsDatabase

_log = structlog.get_logger(__name__)


class TrailSealing:
    """Adds the checkpoints that are due, and copies them to where the database's owner can't change them."""

    def __init__(self, settings: Settings, records: RecordsDatabase, signer: CheckpointSigner) -> None:
        """Prepare; nothing is sealed before ``turn``."""
        policy = checkpoint_policy()
        self._records = records
        self._signer = signer
        self._due = CheckpointDue(policy.records, policy.seconds, policy.first_seconds)
        self._files = [AnchorFile(path) for path in settings.anchor_files]

    def turn(self) -> None:
        """Seal what is due and copy what is not copied yet; a copy that can't be written now is told and retried."""
        while self._seal():
            pass
        for file in self._files:
            try:
                with self._records.read() as session:
                    file.catch_up(session)
            except OSError as error:
                _log.warning("checkpoint not copied, trying again", file=str(file.path), error=error.strerror)

    def _seal(self) -> bool:
        with self._records.read() as session:
            if not is_due(session, self._due):
                return False
        with self._records.begin() as session:
            return seal(session, self._signer, self._due) is not None
