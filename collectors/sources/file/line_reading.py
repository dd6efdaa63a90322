"""From a file of lines to batches, from where it was left."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from collectors.decoders.limits import default_limits
from collectors.decoders.line_records import line_record
from collectors.decoders.lines import LineAssembler
from collectors.record import DeadLetter, Record, RecordBatch
from collectors.sources.file.tracks import Track

_READ_BYTES = 1 << 17
_BATCH_BYTES = 4 << 20


@dataclass(frozen=True, slots=True)
class BatchStyle:
    """What the batches of a source have in common."""

    source: str
    records: int
    format: str | None
    reference_ms: int = 0


def read_lines(file: BinaryIO, track: Track, style: BatchStyle, *, final: bool) -> Iterator[RecordBatch]:
    """Batches of the lines after the track's position, which moves along.

    A last line without newline is left for the next time, unless ``final``.
    """
    fingerprint = track.fingerprint
    fingerprint.place(file)
    assembler = LineAssembler(default_limits().record.bytes, track.position, track.encoding)
    records: list[Record] = []
    dead_letters: list[DeadLetter] = []
    size = 0
    ended = False
    while not ended:
        data = file.read(_READ_BYTES)
        ended = not data
        lines = assembler.feed(data) if data else assembler.flush() if final else []
        for line in lines:
            item = line if isinstance(line, DeadLetter) else line_record(line[0], line[1], track.encoding)
            dead_letters.append(item) if isinstance(item, DeadLetter) else records.append(item)
        fingerprint.see(data, assembler.position)
        size += len(data)
        is_full = len(records) >= style.records or size >= _BATCH_BYTES
        if (records or dead_letters) and (is_full or ended):
            yield RecordBatch(
                style.source,
                track.identity,
                records,
                dead_letters,
                track.checkpoint(style.source),
                style.format,
                style.reference_ms,
            )
            records, dead_letters, size = [], [], 0
