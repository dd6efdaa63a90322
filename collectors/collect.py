"""The collector: runs sources, each in a thread, in front of one delivery."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial

import structlog

from collectors.delivery import Delivery, DeliveryStoppedError, repository
from collectors.record import RecordBatch
from collectors.sources import Source, SourceError
from events import now_ms
from store.records import RecordsDatabase

_RETRY_SECONDS = 5.0
_DROPS_SECONDS = 5.0
_log = structlog.get_logger(__name__)


class Activity(StrEnum):
    """What a source is doing."""

    WAITING = "waiting"  # not started yet
    RUNNING = "running"
    FAILED = "failed"  # will be tried again
    ENDED = "ended"  # gave all it has, or was stopped


@dataclass(slots=True)
class SourceActivity:
    """A source as it runs in this process; totals over all time are in ``source_status``."""

    name: str
    activity: Activity = Activity.WAITING
    error: str | None = None


class Collector:
    """Runs sources from ``start`` to ``stop``; one whose files or sockets fail is tried again."""

    def __init__(self, sources: Sequence[Source], delivery: Delivery, records: RecordsDatabase) -> None:
        """Prepare; nothing runs before ``start``."""
        self._delivery = delivery
        self._records = records
        self._stop = threading.Event()
        self._pumps = [_Pump(source, delivery, records, self._stop) for source in sources]
        self._drops = threading.Thread(target=self._note_drops, name="drops")

    def start(self) -> None:
        """Open all sources, then begin.

        Raises:
            SourceError: a source can't be opened; none runs then.
        """
        try:
            for pump in self._pumps:
                pump.source.open()
        except BaseException:
            self._close_sources()
            raise
        self._delivery.start()
        self._drops.start()
        for pump in self._pumps:
            pump.thread.start()

    def wait(self) -> None:
        """Wait until every source has given all it has and that is on disk; for sources that end."""
        for pump in self._pumps:
            pump.thread.join()
            pump.wait_delivered()

    def stop(self, drain_seconds: float = 10) -> None:
        """End the sources, deliver what they gave, and join every thread."""
        self._stop.set()
        for pump in self._pumps:
            pump.thread.join()
        self._delivery.stop(drain_seconds)
        self._drops.join()
        self._close_sources()
        for pump in self._pumps:
            pump.note_dropped()

    def status(self) -> list[SourceActivity]:
        """What each source is doing; a store that fails shows as the error of all."""
        error = self._delivery.last_error
        return [SourceActivity(pump.state.name, pump.state.activity, pump.state.error or error) for pump in self._pumps]

    def _close_sources(self) -> None:
        for pump in self._pumps:
            pump.source.close()

    def _note_drops(self) -> None:
        ended = False
        while not ended:
            ended = self._stop.wait(_DROPS_SECONDS)
            for pump in self._pumps:
                pump.note_dropped()


class _Pump:
    """Takes batches from one source to delivery."""

    def __init__(self, source: Source, delivery: Delivery, records: RecordsDatabase, stop: threading.Event) -> None:
        self.source = source
        self.state = SourceActivity(source.name)
        self.thread = threading.Thread(target=self._run, name=f"source {source.name}")
        self._delivery = delivery
        self._records = records
        self._stop = stop
        self._underway = 0
        self._dropped = 0
        self._arrived = threading.Condition()

    def wait_delivered(self) -> None:
        """Wait until all batches given are on disk, or the collector stops."""
        with self._arrived:
            while self._underway and not self._stop.is_set():
                self._arrived.wait(_DROPS_SECONDS)

    def note_dropped(self) -> None:
        """Write down what the source had to drop."""
        self._dropped += self.source.take_dropped()
        if not self._dropped:
            return
        try:
            with self._records.begin() as session:
                repository.note_dropped(session, self.source.name, self._dropped)
        except Exception as error:  # noqa: BLE001 (the count is kept and written the next time)
            _log.warning("can't write status", source=self.source.name, error=type(error).__name__)
        else:
            self._dropped = 0

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self.state.activity = Activity.RUNNING
                for batch in self.source.batches(self._stop):
                    self._submit(batch)
                break
            except DeliveryStoppedError:
                break
            except Exception as error:  # noqa: BLE001 (whatever a source raises, the others go on and it is tried again)
                self._failed(error)
                self.wait_delivered()  # its next run takes up from the checkpoints
                self._stop.wait(_RETRY_SECONDS)
        self.state.activity = Activity.ENDED

    def _submit(self, batch: RecordBatch) -> None:
        with self._arrived:
            self._underway += 1
        try:
            self._delivery.submit(batch, partial(self._delivered, batch))
        except DeliveryStoppedError:
            self._delivered(RecordBatch(batch.source, batch.identity, [], []))
            raise

    def _delivered(self, batch: RecordBatch) -> None:
        """Tell the source; called in delivery's thread, which must not be harmed by what the source does."""
        try:
            if batch.checkpoint is not None:
                self.source.acknowledge(batch.checkpoint)
        except Exception as error:  # noqa: BLE001 (the source forgets it at a later acknowledgment)
            self._failed(error)
        with self._arrived:
            self._underway -= 1
            self._arrived.notify_all()

    def _failed(self, error: Exception) -> None:
        self.state.activity = Activity.FAILED
        self.state.error = (
            f"{type(error).__name__}: {error}" if isinstance(error, SourceError) else type(error).__name__
        )
        _log.warning("source failed, trying again", source=self.source.name, error=self.state.error)
        try:
            with self._records.begin() as session:
                repository.note_error(session, self.source.name, self.state.error, now_ms())
        except Exception as failure:  # noqa: BLE001 (the error stays in the log and in status)
            _log.warning("can't write status", source=self.source.name, error=type(failure).__name__)
