"""Windows event log files (EVTX), rendered as JSON by the ``evtx`` library."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import evtx

from collectors.decoders.byte_source import ByteSource
from collectors.decoders.errors import BrokenRecordError
from collectors.decoders.evtx_file import CHUNK_BYTES, HEADER_BYTES, SMALLEST_RECORD, EvtxFile
from collectors.decoders.json_values import parse_object
from collectors.decoders.limits import DecodeLimits
from collectors.record import DEAD_LETTER_BYTES, DeadLetter, Reason, Record

_CHUNK_COUNT = slice(42, 44)
"""Where the header counts the chunks (layout: libevtx, "Windows XML Event Log (EVTX) format")."""


def decode_evtx(source: ByteSource, _encoding: str | None, limits: DecodeLimits) -> Iterator[Record | DeadLetter]:
    """Every readable record, whatever is broken around it; position is the EventRecordID.

    A file cut inside a chunk is read up to the cut; what is missing is told by one dead letter.
    """
    with source.on_disk() as path:
        with EvtxFile(path) as file:
            yield from _read(file, limits)
        yield from _missing(path)


def _read(file: EvtxFile, limits: DecodeLimits) -> Iterator[Record | DeadLetter]:
    try:
        records = evtx.PyEvtxParser(file, number_of_threads=1).records_json()
    except (OSError, RuntimeError, ValueError):
        yield _dead(0, Reason.TRUNCATED, "the file header can't be read; export the log again")
        return
    position = 0
    for _ in range(file.size // SMALLEST_RECORD):
        try:
            found = cast("dict[str, Any]", next(records))
        except StopIteration:
            return
        except (OSError, RuntimeError, ValueError):
            yield _dead(position + 1, Reason.UNDECODABLE, "a record or chunk is broken; export the log again")
        else:
            position = int(found["event_record_id"])
            yield _record(position, found["data"].encode(), limits)


def _record(position: int, raw: bytes, limits: DecodeLimits) -> Record | DeadLetter:
    try:
        return Record(position, raw, None, parse_object(raw, "utf-8", limits.record.nesting), "evtx")
    except BrokenRecordError as error:
        return DeadLetter(position, error.reason, str(error), raw[:DEAD_LETTER_BYTES], len(raw), "evtx")


def _missing(path: Path) -> Iterator[DeadLetter]:
    """Says so where the file is shorter than its header or its last chunk promise."""
    with path.open("rb") as file:
        promised = int.from_bytes(file.read(HEADER_BYTES)[_CHUNK_COUNT], "little")
    whole, rest = divmod(path.stat().st_size - HEADER_BYTES, CHUNK_BYTES)
    if rest or whole < promised:
        detail = (
            f"{whole} whole chunks of 64 KiB, {promised} expected; records after the cut are missing: fetch it again"
        )
        yield _dead(max(whole, 0), Reason.TRUNCATED, detail)


def _dead(position: int, reason: Reason, detail: str) -> DeadLetter:
    return DeadLetter(position, reason, detail, b"", None, "evtx")
