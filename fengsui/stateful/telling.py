"""Tells every partition of the matches topic how far this worker is with the records."""

from __future__ import annotations

import threading

import structlog

from collectors.transport import GroupConsumer, Outgoing, Sender, TransportError
from events import now_ms
from fengsui.stateful.messages import encode_clocks

_SECONDS = 1.0
_log = structlog.get_logger(__name__)


class ClockTelling:
    """A thread that tells every second, until stopped.

    What it tells is behind what was sent before it: a partition is done up to a time only once its matches are with
    the brokers.
    """

    def __init__(self, group: GroupConsumer, sender: Sender, topic: str, partitions: int) -> None:
        """Prepare; nothing is told before ``start``."""
        self._group = group
        self._sender = sender
        self._topic = topic
        self._partitions = range(partitions)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="clocks")

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End."""
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(_SECONDS):
            clocks = self._group.clocks(now_ms())
            if not clocks:
                continue
            told = encode_clocks(clocks)
            try:
                self._sender.send(self._topic, [Outgoing(told, partition=number) for number in self._partitions])
            except TransportError as error:
                _log.warning("can't tell how far the records are, trying again", error=str(error))
