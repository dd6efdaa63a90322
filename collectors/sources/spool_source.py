"""The reading half of every source that others push to: its spool, as batches."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from collectors.decode_spans import decoded
from collectors.decoders.line_records import line_record
from collectors.record import DEAD_LETTER_BYTES, Checkpoint, DeadLetter, Reason, Record, RecordBatch
from collectors.sources.config import SourceConfig
from collectors.sources.contract import Checkpoints
from collectors.sources.spool import Corruption, Spool, SpooledMessage, SpoolReader

_WAIT_SECONDS = 0.1


class SpoolSource:
    """Gives what is in a spool; positions are sequence numbers and the identity is the spool's."""

    def __init__(self, config: SourceConfig, spool: Spool, checkpoints: Checkpoints) -> None:
        """Take up behind what was delivered."""
        self.name = config.name
        self.spool = spool
        self._config = config
        self._position = max(
            (item.position for item in checkpoints.load(config.name) if item.identity == spool.id), default=1
        )
        spool.skip_to(self._position)

    def batches(self, stop: threading.Event) -> Iterator[RecordBatch]:
        """What is spooled and what comes, until ``stop``."""
        reader = SpoolReader(self.spool, self._position)
        while not stop.is_set():
            batch = decoded(partial(self._next, reader))
            if batch is not None:
                yield batch
            else:
                stop.wait(_WAIT_SECONDS)

    def acknowledge(self, checkpoint: Checkpoint) -> None:
        """Delete the segments that delivery has passed; a start in the same process takes up here."""
        self._position = checkpoint.position
        self.spool.release(checkpoint.position)

    def _next(self, reader: SpoolReader) -> RecordBatch | None:
        found = list(reader.read(self._config.batch_records))
        return self._batch(found, reader.position) if found else None

    def _batch(self, found: list[SpooledMessage | Corruption], position: int) -> RecordBatch:
        records: list[Record] = []
        dead_letters: list[DeadLetter] = []
        received = 0
        for item in found:
            if isinstance(item, Corruption):
                dead_letters.append(_unreadable(item))
                continue
            received = max(received, item.received_ms)
            made = self._record(item)
            records.append(made) if isinstance(made, Record) else dead_letters.append(made)
        checkpoint = Checkpoint(self.name, self.spool.id, position)
        format_ = self._config.format
        return RecordBatch(self.name, self.spool.id, records, dead_letters, checkpoint, format_, received)

    def _record(self, item: SpooledMessage) -> Record | DeadLetter:
        message = item.message
        if message.whole_length > len(message.data):
            return _incomplete(item)
        made = line_record(item.sequence, message.data, self._config.encoding)
        return replace(made, peer=message.peer) if isinstance(made, Record) else made


def _incomplete(item: SpooledMessage) -> DeadLetter:
    message = item.message
    raw = message.data[:DEAD_LETTER_BYTES]
    if message.is_cut:
        detail = f"a message of {message.whole_length} bytes was cut; raise max_message_bytes or send shorter ones"
        return DeadLetter(item.sequence, Reason.TOO_LARGE, detail, raw, message.whole_length)
    detail = f"the connection ended after {len(message.data)} of {message.whole_length} bytes; check its sender"
    return DeadLetter(item.sequence, Reason.TRUNCATED, detail, raw, message.whole_length)


def _unreadable(item: Corruption) -> DeadLetter:
    detail = f"{item.length} bytes of the spool are damaged; check the disk, and what these bytes still show"
    return DeadLetter(item.sequence, Reason.UNDECODABLE, detail, item.raw, item.length, "spool")
