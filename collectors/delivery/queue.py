"""The bounded queue between the sources and the pipeline."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from collectors.delivery.pipeline import DeliverySettings
from collectors.record import RecordBatch

_RECORD_OVERHEAD = 400  # bytes that a record takes in memory beside its content
_TEXT_FACTOR = 2  # its bytes and its text
_DOCUMENT_FACTOR = 4  # its bytes and the objects of its structure
_WAKE_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Parcel:
    """A batch with its size and what to call once it is on disk."""

    batch: RecordBatch
    delivered: Callable[[], None] | None = None
    records: int = field(init=False)
    bytes: int = field(init=False)

    def __post_init__(self) -> None:
        """Weigh the batch."""
        batch = self.batch
        count = len(batch.records) + len(batch.dead_letters)
        content = sum(len(dead.raw) for dead in batch.dead_letters)
        for record in batch.records:
            content += len(record.raw) * (_TEXT_FACTOR if record.document is None else _DOCUMENT_FACTOR)
        object.__setattr__(self, "records", count)
        object.__setattr__(self, "bytes", content + count * _RECORD_OVERHEAD)


class Group:
    """Parcels that are delivered together, within the bounds of a group; a parcel larger than those goes alone."""

    def __init__(self, settings: DeliverySettings) -> None:
        """An empty group."""
        self._settings = settings
        self.parcels: list[Parcel] = []
        self.records = 0
        self.bytes = 0

    def take(self, parcel: Parcel) -> bool:
        """Add a parcel; False, and it is not added, when it doesn't fit in."""
        records, size = self.records + parcel.records, self.bytes + parcel.bytes
        if self.parcels and (records > self._settings.group_records or size > self._settings.group_bytes):
            return False
        self.parcels.append(parcel)
        self.records, self.bytes = records, size
        return True


class BatchQueue:
    """First in, first out, bounded by records and bytes; a parcel larger than the bounds passes alone."""

    def __init__(self, settings: DeliverySettings) -> None:
        """An empty queue."""
        self._settings = settings
        self._parcels: deque[Parcel] = deque()
        self._records = 0
        self._bytes = 0
        self._crowded = False
        self._changed = threading.Condition()

    def __len__(self) -> int:
        """Parcels waiting."""
        return len(self._parcels)

    @property
    def load(self) -> tuple[int, int]:
        """Records and estimated bytes that wait."""
        return self._records, self._bytes

    def put(self, parcel: Parcel, stopped: Callable[[], bool]) -> bool:
        """Add a parcel when there is room; False when ``stopped`` came first."""
        with self._changed:
            while not self._has_room(parcel):
                if stopped():
                    return False
                self._crowded = True
                self._changed.notify_all()
                self._changed.wait(_WAKE_SECONDS)
            self._parcels.append(parcel)
            self._records += parcel.records
            self._bytes += parcel.bytes
            self._changed.notify_all()
            return True

    def take(self, stopped: Callable[[], bool]) -> list[Parcel]:
        """The next group: waits for a first parcel, then a little for more; empty once ``stopped`` and none is left."""
        with self._changed:
            while not self._parcels:
                if stopped():
                    return []
                self._changed.wait(_WAKE_SECONDS)
            deadline = time.monotonic() + self._settings.linger_seconds
            while not self._is_full_group() and not stopped() and (left := deadline - time.monotonic()) > 0:
                self._changed.wait(min(left, _WAKE_SECONDS))
            return self._pop_group()

    def _has_room(self, parcel: Parcel) -> bool:
        return not self._parcels or (
            self._records + parcel.records <= self._settings.queue_records
            and self._bytes + parcel.bytes <= self._settings.queue_bytes
        )

    def _is_full_group(self) -> bool:
        """Whether no more can come, or is to come, before a group is taken."""
        of_group = self._records >= self._settings.group_records or self._bytes >= self._settings.group_bytes
        return self._crowded or of_group

    def _pop_group(self) -> list[Parcel]:
        group = Group(self._settings)
        while self._parcels and group.take(self._parcels[0]):
            self._parcels.popleft()
        self._records -= group.records
        self._bytes -= group.bytes
        self._crowded = False
        self._changed.notify_all()
        return group.parcels
