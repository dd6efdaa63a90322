"""A network interface as a source. Packets can't be asked for again: what a crash interrupts is not repeated."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Iterator

from collectors.record import Checkpoint, Record, RecordBatch
from collectors.sources.config import PcapSourceConfig

Capture = Callable[[PcapSourceConfig, threading.Event], Iterator[Record]]


class LiveSource:
    """Gives what ``capture`` finds on an interface until it is stopped; each run is an identity of its own."""

    def __init__(self, config: PcapSourceConfig, capture: Capture) -> None:
        """Keep the configuration; ``capture`` gives records until the event is set."""
        self.name = config.name
        self._config = config
        self._capture = capture

    def open(self) -> None:
        """Nothing to do: the capture begins with the first batch."""

    def batches(self, stop: threading.Event) -> Iterator[RecordBatch]:
        """One batch a record; delivery puts together what comes close together."""
        identity = f"{self._config.interface}:{secrets.token_hex(8)}"
        for record in self._capture(self._config, stop):
            yield RecordBatch(self.name, identity, [record], [], format=self._config.format)

    def acknowledge(self, checkpoint: Checkpoint) -> None:
        """Nothing to forget."""

    def take_dropped(self) -> int:
        """The capture counts for itself."""
        return 0

    def close(self) -> None:
        """Nothing to release: the capture ends with its iterator."""
