"""A capture file as records: conversations, and the DNS, HTTP and TLS exchanges in them."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import orjson

from collectors.record import DeadLetter, Reason, Record
from collectors.sources.pcap.exchange import Document
from collectors.sources.pcap.flows import FlowLimits, FlowTable
from collectors.sources.pcap.frame import read_frame
from collectors.sources.pcap.tshark import Rows

DECODER = "pcap"
_GZIP = b"\x1f\x8b"
_HEADER_BYTES = 24
_MAGIC = frozenset(
    bytes.fromhex(magic)
    for magic in ("d4c3b2a1", "a1b2c3d4", "4d3cb2a1", "a1b23c4d", "34cdb2a1", "a1b2cd34", "0a0d0d0a", "736e6f6f")
)


def read_capture(path: Path, limits: FlowLimits | None = None) -> Iterator[Record | DeadLetter]:
    """The documents of a capture file (pcap, pcapng, snoop; also gzipped) in the order in which they complete.

    A document is ``{"kind": "flow" | "dns" | "http" | "tls", "time", "source", "destination", "protocol",
    "community_id", …}``; a record's position is its number, and the same file gives the same records again.
    A capture that is cut or damaged gives what can be read of it, then a dead letter.

    Raises:
        TsharkMissingError: tshark is not installed.
        TsharkFailedError: tshark stopped telling anything.
        OSError: the file can't be read.
    """
    numbers = count()
    trouble = _not_a_capture(path)
    if trouble is not None:
        yield _dead_letter(next(numbers), trouble, path)
        return
    rows = Rows(path)
    frames = 0
    for document in _documents(rows, limits or FlowLimits()):
        if isinstance(document, int):
            frames = document
        else:
            yield document_record(next(numbers), document)
    if rows.status or rows.unread:
        yield _dead_letter(next(numbers), _unfinished(rows, frames), path)


def document_record(position: int, document: Document) -> Record:
    """The record of a document; its raw form is the document as JSON, names sorted."""
    raw = orjson.dumps(document, option=orjson.OPT_SORT_KEYS)
    return Record(position, raw, document=document, decoder=DECODER)


def _documents(rows: Rows, limits: FlowLimits) -> Iterator[Document | int]:
    """The documents of all frames, and at the end the number of frames read."""
    table = FlowTable(limits)
    frames = 0
    for values in rows:
        frames += 1
        try:
            frame = read_frame(values)
            if frame is not None:
                yield from table.observe(frame)
        except (ValueError, KeyError, IndexError):
            rows.unread += 1
    yield from table.finish()
    yield frames


def _not_a_capture(path: Path) -> tuple[Reason, str] | None:
    """Why a file is no capture at all, judged by its first bytes."""
    try:
        with path.open("rb") as plain:
            head = plain.read(_HEADER_BYTES)
        if head.startswith(_GZIP):
            with gzip.open(path) as packed:
                head = packed.read(_HEADER_BYTES)
    except (EOFError, zlib.error, gzip.BadGzipFile):
        return Reason.UNDECODABLE, "packet capture: the gzip stream is damaged; copy the file again"
    if head[:4] not in _MAGIC:
        return Reason.UNDECODABLE, "packet capture: neither pcap nor pcapng; convert it with editcap"
    if len(head) < _HEADER_BYTES:
        return Reason.TRUNCATED, "packet capture: ends within its header; copy the file again"
    return None


def _unfinished(rows: Rows, frames: int) -> tuple[Reason, str]:
    if rows.status:
        detail = f"packet capture: cut or damaged after frame {frames}; what comes before is delivered"
        return Reason.TRUNCATED, detail
    return Reason.INVALID, f"packet capture: {rows.unread} frames could not be read; the others are delivered"


def _dead_letter(position: int, trouble: tuple[Reason, str], path: Path) -> DeadLetter:
    reason, detail = trouble
    return DeadLetter(position, reason, detail, b"", path.stat().st_size, DECODER)
