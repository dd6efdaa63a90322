"""A network interface as a source. Packets can't be asked for again: what a crash interrupts is not repeated."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Iterator

from collectors.record import Checkpoint, RecordBatch
from collectors.sources.config import PcapSourceConfig
from collectors.sources.contract import SourceError
from collectors.sources.pcap import LiveOptions, TsharkMissingError, live_capture, tshark_version


class LiveSource:
    """Gives what is found on an interface until it is stopped; each run is an identity of its own."""

    def __init__(self, config: PcapSourceConfig) -> None:
        """Keep the configuration."""
        self.name = config.name
        self._config = config
        self._dropped = 0
        self._counting = threading.Lock()

    def open(self) -> None:
        """Make sure of tshark.

        Raises:
            SourceError: it is not installed.
        """
        if tshark_version() is None:
            raise SourceError(f"{self.name}: {TsharkMissingError()}")

    def batches(self, stop: threading.Event) -> Iterator[RecordBatch]:
        """One batch a record; delivery puts together what comes close together."""
        identity = f"{self._config.interface}:{secrets.token_hex(8)}"
        options = LiveOptions(self._config.capture_filter, on_dropped=self._count_dropped)
        for record in live_capture(self._config.interface, stop, options):
            yield RecordBatch(self.name, identity, [record], [], format=self._config.format)

    def acknowledge(self, checkpoint: Checkpoint) -> None:
        """Nothing to forget."""

    def take_dropped(self) -> int:
        """Frames dropped since the last call, because too many waited to be read."""
        with self._counting:
            dropped, self._dropped = self._dropped, 0
        return dropped

    def close(self) -> None:
        """Nothing to release: the capture ends with its iterator."""

    def _count_dropped(self) -> None:
        with self._counting:
            self._dropped += 1
