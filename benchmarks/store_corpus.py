"""Events for the event store's benchmark: recorded ones as the product normalizes them, over and over in new days."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from collectors.decoders import decode_path
from collectors.walk import log_files
from events import Event, format_timestamp, now_ms
from fengsui.offline import OFFLINE, ReadOptions, decode_options, normalized, record_batch

DAY_MS = 86_400_000
_GOLDEN = 0x9E3779B97F4A7C15F39CC0605CEDC835
"""Odd, so that its multiples below 2**128 are all different; far apart, so that they look like digests."""


@dataclass(frozen=True, slots=True)
class Corpus:
    """Recorded events, and the mean number of bytes of the records that they were made of."""

    events: list[Event]
    record_bytes: float

    def batches(self, number: int, days: int, size: int) -> Iterator[list[Event]]:
        """Events with new ids, at even distances over whole days that end yesterday; made batch by batch."""
        step = days * DAY_MS / number
        start = now_ms() // DAY_MS * DAY_MS - days * DAY_MS
        for first in range(0, number, size):
            yield [
                self.events[place % len(self.events)]
                | {
                    "@timestamp": format_timestamp(start + int(place * step)),
                    "event.id": f"{(place + 1) * _GOLDEN % (1 << 128):032x}",
                }
                for place in range(first, min(first + size, number))
            ]


def load(folder: Path, per_file: int) -> Corpus:
    """The first ``per_file`` records of every file below a folder."""
    options, decoding = ReadOptions(), decode_options()
    events: list[Event] = []
    size = records = 0
    for path in log_files([folder]):
        for stream in decode_path(path, decoding):
            batch = record_batch(OFFLINE, stream.identity, list(islice(stream, per_file)), path, options)
            events += normalized(stream.name, batch, options).events
            size += sum(len(record.raw) for record in batch.records)
            records += len(batch.records)
    return Corpus(events, size / records)
