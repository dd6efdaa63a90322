"""The workers' end: the records topic as a source of batches."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import tzinfo
from functools import partial
from zoneinfo import ZoneInfo

from collectors.decode_spans import decoded
from collectors.record import DEAD_LETTER_BYTES, Checkpoint, DeadLetter, Reason, RecordBatch
from collectors.transport.envelope import EnvelopeError, decode_batch
from collectors.transport.group import GroupConsumer, Received
from collectors.transport.settings import KafkaSettings

NAME = "kafka"
_MESSAGES = 50
_WAIT_SECONDS = 0.2


class TransportSource:
    """Gives what collectors sent, under the names of their sources; a message that is none becomes a dead letter."""

    name = NAME

    def __init__(self, settings: KafkaSettings, zones: dict[str, tzinfo | None]) -> None:
        """Prepare; ``zones`` learns the zone of each source from what is carried."""
        self._zones = zones
        self.group = GroupConsumer(settings, settings.records_topic, "detection")
        """The member of the consumer group."""

    def open(self) -> None:
        """Nothing to do: the group is joined when the first batch is asked for."""

    def batches(self, stop: threading.Event) -> Iterator[RecordBatch]:
        """A batch a message, until ``stop``.

        Raises:
            TransportError: the brokers refuse.
        """
        while not stop.is_set():
            for received in self.group.take(_MESSAGES, _WAIT_SECONDS, stop):
                yield decoded(partial(self._batch, received))

    def acknowledge(self, checkpoint: Checkpoint) -> None:
        """The message before this position is on disk."""
        partition = int(checkpoint.identity.rpartition("/")[2])
        self.group.finish(partition, checkpoint.position, checkpoint.sent_ms or 0)

    def take_dropped(self) -> int:
        """Brokers keep what is not read; nothing is dropped."""
        return 0

    def close(self) -> None:
        """Leave the group."""
        self.group.close()

    def _batch(self, received: Received) -> RecordBatch:
        identity = f"{self.group.topic}/{received.partition}"
        done = Checkpoint(NAME, identity, received.offset + 1, sent_ms=received.time_ms)
        try:
            carried = decode_batch(received.value)
        except EnvelopeError as error:
            raw = received.value[:DEAD_LETTER_BYTES]
            letter = DeadLetter(received.offset, Reason.UNDECODABLE, str(error), raw, len(received.value), NAME)
            return RecordBatch(NAME, identity, [], [letter], done, reference_ms=received.time_ms)
        if carried.zone:
            self._zones.setdefault(carried.batch.source, ZoneInfo(carried.zone))
        return replace(carried.batch, checkpoint=done)
