"""A batch of records as messages, and back: a header as JSON, then the records' bytes one after another.

A record's structure is read from its bytes again where that gives the same; else it stands in the header.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import orjson

from collectors.decoders.errors import BrokenRecordError
from collectors.decoders.event_xml import parse_event
from collectors.decoders.json_values import parse_object
from collectors.decoders.limits import default_limits
from collectors.record import DEAD_LETTER_BYTES, DeadLetter, Reason, Record, RecordBatch

_MARK = b"FGR1"
_SPELLED_OUT = b" "
"""Begins JSON that only Python's own reader takes as it was meant."""
_LENGTH_BYTES = 4
_SLICE_BYTES = 512 << 10
_SLICE_ITEMS = 2_000
_READ_AGAIN = frozenset(("json", "ndjson", "evtx", "pcap", "xml"))


class EnvelopeError(ValueError):
    """A message is none of ours, or was cut."""


@dataclass(frozen=True, slots=True)
class Carried:
    """A batch that was carried, and the name of the zone of its source's times."""

    batch: RecordBatch
    zone: str | None


def encode_batch(batch: RecordBatch, zone: str | None = None) -> Iterator[bytes]:
    """The messages of a batch, each about half a mebibyte at most unless one record is larger."""
    for part in _slices(batch):
        header = {
            "source": part.source,
            "identity": part.identity,
            "format": part.format,
            "reference_ms": part.reference_ms,
            "shift_ms": part.shift_ms,
            "zone": zone,
            "records": [_record_header(record) for record in part.records],
            "letters": [_letter_header(letter) for letter in part.dead_letters],
        }
        told = _dumped(header)
        raws = [record.raw for record in part.records] + [letter.raw for letter in part.dead_letters]
        yield b"".join([_MARK, len(told).to_bytes(_LENGTH_BYTES, "big"), told, *raws])


def decode_batch(message: bytes) -> Carried:
    """The batch of a message.

    Raises:
        EnvelopeError: it holds none.
    """
    begin = len(_MARK) + _LENGTH_BYTES
    if not message.startswith(_MARK) or len(message) < begin:
        raise EnvelopeError("the message does not begin as one of a collector's; another program writes this topic")
    end = begin + int.from_bytes(message[len(_MARK) : begin], "big")
    try:
        header = _loaded(message[begin:end])
        raws = _Raws(message, end)
        decoded = [_record(each, raws) for each in header["records"]]
        letters = [_letter(each, raws) for each in header["letters"]]
        raws.check_end()
        batch = RecordBatch(
            str(header["source"]),
            str(header["identity"]),
            [each for each in decoded if isinstance(each, Record)],
            [*letters, *(each for each in decoded if isinstance(each, DeadLetter))],
            format=header["format"],
            reference_ms=int(header["reference_ms"]),
            shift_ms=int(header["shift_ms"]),
        )
        return Carried(batch, header["zone"])
    except (ValueError, TypeError, KeyError, IndexError) as error:
        raise EnvelopeError(f"the message is damaged ({type(error).__name__}); look at the broker's disk") from error


class _Raws:
    """The bytes behind a header, taken one record after another."""

    def __init__(self, message: bytes, start: int) -> None:
        self._message = message
        self._at = start

    def take(self, length: int) -> bytes:
        start, self._at = self._at, self._at + length
        if length < 0 or self._at > len(self._message):
            raise IndexError("cut")
        return self._message[start : self._at]

    def check_end(self) -> None:
        if self._at != len(self._message):
            raise IndexError("longer than told")


def _slices(batch: RecordBatch) -> Iterator[RecordBatch]:
    part = replace(batch, records=[], dead_letters=[], checkpoint=None)
    size = 0
    items: list[Record | DeadLetter] = [*batch.records, *batch.dead_letters]
    for item in items:
        count = len(part.records) + len(part.dead_letters)
        if count and (size + len(item.raw) > _SLICE_BYTES or count == _SLICE_ITEMS):
            yield part
            part, size = replace(part, records=[], dead_letters=[]), 0
        size += len(item.raw)
        if isinstance(item, Record):
            part.records.append(item)
        else:
            part.dead_letters.append(item)
    if part.records or part.dead_letters:
        yield part


def _record_header(record: Record) -> list[object]:
    """What is said of a record; ``True`` stands for a text or a structure that its bytes give again."""
    text = True if record.text is not None and _is_text_of(record) else record.text
    is_read_again = record.document is not None and record.text is None and record.decoder in _READ_AGAIN
    document = True if is_read_again else record.document
    return [record.position, len(record.raw), record.decoder, record.peer, text, document]


def _is_text_of(record: Record) -> bool:
    try:
        return record.raw.decode() == record.text
    except UnicodeDecodeError:
        return False


def _record(header: list[Any], raws: _Raws) -> Record | DeadLetter:
    position, length, decoder, peer, text, document = header
    raw = raws.take(length)
    if text is True:
        text = raw.decode()
    if document is True:
        nesting = default_limits().record.nesting
        try:
            document = parse_event(raw, nesting) if decoder == "xml" else parse_object(raw, None, nesting)
        except BrokenRecordError as error:
            return DeadLetter(position, error.reason, str(error), raw[:DEAD_LETTER_BYTES], len(raw), decoder)
    return Record(position, raw, text, document, decoder, peer)


def _letter_header(letter: DeadLetter) -> list[object]:
    return [letter.position, len(letter.raw), letter.reason.value, letter.detail, letter.length, letter.decoder]


def _letter(header: list[Any], raws: _Raws) -> DeadLetter:
    position, length, reason, detail, whole, decoder = header
    return DeadLetter(position, Reason(reason), detail, raws.take(length), whole, decoder)


def _dumped(header: Mapping[str, object]) -> bytes:
    try:
        return orjson.dumps(header)
    except TypeError:  # numbers beyond 64 bits, halves of surrogate pairs
        return _SPELLED_OUT + json.dumps(header).encode("ascii")


def _loaded(header: bytes) -> dict[str, Any]:
    found = json.loads(header) if header.startswith(_SPELLED_OUT) else orjson.loads(header)
    if not isinstance(found, dict):
        raise TypeError("no object")
    return found
