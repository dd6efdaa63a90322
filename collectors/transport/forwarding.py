"""The collectors' end: batches go to the brokers, then the checkpoints to the records database."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import tzinfo
from zoneinfo import ZoneInfo

from collectors.delivery import repository
from collectors.record import RecordBatch
from collectors.transport.envelope import encode_batch
from collectors.transport.sending import Outgoing, Sender
from collectors.transport.settings import KafkaSettings
from events import now_ms
from store.records import RecordsDatabase


class Forwarding:
    """Takes the pipeline's place in a collector that detects nothing itself."""

    def __init__(
        self,
        settings: KafkaSettings,
        records: RecordsDatabase,
        zones: Mapping[str, tzinfo | None],
        in_order: Collection[str] = (),
    ) -> None:
        """Prepare; ``in_order`` names the sources whose streams each stay in one partition, and so in their order.

        What is pushed comes as it happens and may be spread; a file is read faster than it was written, and its order
        is all that tells correlations how time passed in it.
        """
        self._sender = Sender(settings)
        self._topic = settings.records_topic
        self._records = records
        self._zones = zones
        self._in_order = in_order

    def deliver(self, batches: Sequence[RecordBatch]) -> None:
        """Send batches and keep their checkpoints; on return the brokers have them, and their sources may forget them.

        Raises:
            TransportError: the brokers did not acknowledge all; the same call may be made again.
        """
        self._sender.send(self._topic, [message for batch in batches for message in self._messages(batch)])
        with self._records.begin() as session:
            for batch in batches:
                if batch.checkpoint is not None:
                    repository.save_checkpoint(session, batch.checkpoint, now_ms())

    def _messages(self, batch: RecordBatch) -> list[Outgoing]:
        zone = self._zones.get(batch.source)
        key = f"{batch.source}\0{batch.identity}".encode() if batch.source in self._in_order else None
        name = zone.key if isinstance(zone, ZoneInfo) else None
        return [Outgoing(value, key) for value in encode_batch(batch, name)]
