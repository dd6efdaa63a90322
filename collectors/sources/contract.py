"""What every source offers."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Protocol

from collectors.record import Checkpoint, RecordBatch


class SourceError(Exception):
    """Root of the errors of sources; says where, what and what to do next, without values of records."""


class Checkpoints(Protocol):
    """Where sources find how far they were delivered, and set the ground for what they give next."""

    def load(self, source: str) -> list[Checkpoint]:
        """All checkpoints of a source."""

    def save(self, checkpoint: Checkpoint) -> None:
        """Keep a checkpoint at once; for naming an identity before its first record is given."""


class Source(Protocol):
    """Something that records come from.

    ``batches`` runs in a thread of the collector. It gives batches whose checkpoints, once delivered, let a new
    process go on where this one ended; positions and identities are the same however often a record is given.
    """

    @property
    def name(self) -> str:
        """The configured name."""

    def open(self) -> None:
        """Begin to listen, where the source does that.

        Raises:
            SourceError: it can't (an address in use, a certificate that can't be read).
        """

    def batches(self, stop: threading.Event) -> Iterator[RecordBatch]:
        """Batches in order, until ``stop`` is set or, for a source that ends, all is given."""

    def acknowledge(self, checkpoint: Checkpoint) -> None:
        """Delivery has everything up to the checkpoint on disk; what lies before may be forgotten."""

    def take_dropped(self) -> int:
        """Messages dropped since the last call, by senders that can't be made to wait."""

    def close(self) -> None:
        """Release files, sockets and threads; may be called more than once."""
