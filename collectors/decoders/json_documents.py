"""JSON objects one after the other, in arrays and in the envelopes of APIs, whatever their layout."""

from __future__ import annotations

from collections.abc import Iterator

from collectors.decoders.byte_source import ByteSource
from collectors.decoders.errors import BrokenRecordError
from collectors.decoders.json_splitter import JsonSplitter
from collectors.decoders.json_values import parse_object
from collectors.decoders.limits import DecodeLimits
from collectors.decoders.window import Window
from collectors.record import DEAD_LETTER_BYTES, DeadLetter, Record


def decode_json(source: ByteSource, _encoding: str | None, limits: DecodeLimits) -> Iterator[Record | DeadLetter]:
    """The objects of a UTF-8 text; what is none becomes a dead letter, and the next object is read again."""
    splitter = JsonSplitter(Window(source, limits.record.bytes, "json"))
    for element in splitter.split():
        if isinstance(element, DeadLetter):
            yield element
            continue
        position, raw = element
        try:
            yield Record(position, raw, None, parse_object(raw, None, limits.record.nesting), "json")
        except BrokenRecordError as error:
            yield DeadLetter(position, error.reason, str(error), raw[:DEAD_LETTER_BYTES], len(raw), "json")
