"""The HTTP source: a door of an intake server in front of a spool."""

from __future__ import annotations

import threading
from collections.abc import Iterator

from collectors.record import Checkpoint, RecordBatch
from collectors.sources.config import HttpSourceConfig
from collectors.sources.contract import Checkpoints
from collectors.sources.http.intake import IntakeDoor
from collectors.sources.http.server import IntakeServer
from collectors.sources.spool import Spool
from collectors.sources.spool_source import SpoolSource


class HttpSource:
    """Spools what HTTP clients push; they are told to come again while the spool is full."""

    def __init__(self, config: HttpSourceConfig, spool: Spool, checkpoints: Checkpoints, server: IntakeServer) -> None:
        """Prepare a door of ``server``, which sources of the same address share."""
        self.name = config.name
        self._spool = spool
        self._reading = SpoolSource(config, spool, checkpoints)
        self._server = server
        server.add(IntakeDoor(config, spool))

    def open(self) -> None:
        """Begin to listen.

        Raises:
            SourceError: the address can't be listened at.
        """
        self._server.open()

    def batches(self, stop: threading.Event) -> Iterator[RecordBatch]:
        """What was spooled, until ``stop``."""
        return self._reading.batches(stop)

    def acknowledge(self, checkpoint: Checkpoint) -> None:
        """Forget what is delivered."""
        self._reading.acknowledge(checkpoint)

    def take_dropped(self) -> int:
        """Clients are told to wait; nothing is dropped."""
        return 0

    def close(self) -> None:
        """Stop listening and close the spool."""
        self._server.close()
        self._spool.close()
