"""The thread that delivers: groups what the sources give, and asks a failing store again until it answers."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

import structlog

from collectors.delivery.pipeline import DeliverySettings
from collectors.delivery.queue import BatchQueue, Parcel
from collectors.record import RecordBatch
from store.errors import StoreError

_log = structlog.get_logger(__name__)


class DeliveryStoppedError(Exception):
    """A batch came after delivery was stopped; its source gives it again after the next start."""


class Delivers(Protocol):
    """Where batches go (``Pipeline``, ``collectors.transport.Forwarding``)."""

    def deliver(self, batches: Sequence[RecordBatch], /) -> object:
        """Take batches where they outlive this process, or raise; the same call may be made again."""


class Delivery:
    """Delivers batches in the order they were submitted, in a thread of its own."""

    def __init__(self, pipeline: Delivers, settings: DeliverySettings | None = None) -> None:
        """Prepare; nothing runs before ``start``."""
        self.pipeline = pipeline
        self.last_error: str | None = None
        self._settings = settings or DeliverySettings()
        self._queue = BatchQueue(self._settings)
        self._closing = threading.Event()
        self._abandon = threading.Event()
        self._thread = threading.Thread(target=self._run, name="delivery")

    @property
    def waiting(self) -> tuple[int, int]:
        """Records and estimated bytes of memory in the queue."""
        return self._queue.load

    def start(self) -> None:
        """Begin to deliver."""
        self._thread.start()

    def submit(self, batch: RecordBatch, delivered: Callable[[], None] | None = None) -> None:
        """Queue a batch, waiting while the queue is full; ``delivered`` is called once the batch is on disk.

        Raises:
            DeliveryStoppedError: delivery is stopped; the batch was not taken.
        """
        if self._closing.is_set() or not self._queue.put(Parcel(batch, delivered), self._closing.is_set):
            raise DeliveryStoppedError(f"{batch.source}: delivery is stopped; the batch will be read again")

    def stop(self, drain_seconds: float = 10) -> None:
        """Take no more, deliver what is queued for so long, then end; what is left is read again after a start."""
        self._closing.set()
        if self._thread.is_alive():
            self._thread.join(drain_seconds)
            self._abandon.set()
            self._thread.join()

    def _run(self) -> None:
        while group := self._queue.take(self._closing.is_set):
            if not self._deliver(group):
                return
            for parcel in group:
                if parcel.delivered is not None:
                    parcel.delivered()

    def _deliver(self, group: list[Parcel]) -> bool:
        """Deliver a group, however often that takes; False when delivery was ended first."""
        for wait in self._waits():
            if self._abandon.is_set():
                return False
            try:
                self.pipeline.deliver([parcel.batch for parcel in group])
            except Exception as error:  # noqa: BLE001 (whatever the stores raise: the group is kept and tried again)
                self._failed(error, wait)
                self._abandon.wait(wait)
            else:
                self.last_error = None
                return True
        return False

    def _failed(self, error: Exception, wait: float) -> None:
        self.last_error = f"{_told(error)}: delivery failed; nothing is lost, trying again"
        _log.warning("delivery failed, trying again", error=_told(error), wait_seconds=round(wait, 2))

    def _waits(self) -> Iterator[float]:
        """Waiting times in seconds: doubling up to the longest, half of each at random."""
        longest = self._settings.retry_first_seconds
        while True:
            yield longest * (0.5 + random.random() / 2)  # noqa: S311 (spreads retries, guards nothing)
            longest = min(longest * 2, self._settings.retry_longest_seconds)


def _told(error: Exception) -> str:
    """What may be shown of an error: the event store's own words, which hold no values; of others only the kind."""
    kind = type(error).__name__
    return f"{kind}: {error}" if isinstance(error, StoreError) else kind
