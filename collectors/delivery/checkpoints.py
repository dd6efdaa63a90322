"""Checkpoints in the records database, as sources ask for them."""

from __future__ import annotations

from collectors.delivery import repository
from collectors.record import Checkpoint
from events import now_ms
from store.records import RecordsDatabase


class RecordedCheckpoints:
    """The checkpoints that delivery keeps (``collectors.sources.Checkpoints``)."""

    def __init__(self, records: RecordsDatabase) -> None:
        """Keep the database."""
        self._records = records

    def load(self, source: str) -> list[Checkpoint]:
        """All checkpoints of a source."""
        with self._records.read() as session:
            return repository.load_checkpoints(session, source)

    def save(self, checkpoint: Checkpoint) -> None:
        """Keep a checkpoint at once."""
        with self._records.begin() as session:
            repository.save_checkpoint(session, checkpoint, now_ms())
