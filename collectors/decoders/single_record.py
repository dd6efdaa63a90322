"""One record decoded again from its kept bytes."""

from __future__ import annotations

from collectors.decoders.errors import BrokenRecordError
from collectors.decoders.event_xml import parse_event
from collectors.decoders.json_values import parse_object
from collectors.decoders.limits import default_limits
from collectors.decoders.line_records import line_record
from collectors.record import DEAD_LETTER_BYTES, DeadLetter, Record

_JSON = frozenset(("json", "evtx", "pcap"))
"""Decoders whose records are kept as JSON objects, whatever the source's own form is."""


def decode_record(decoder: str, position: int, raw: bytes) -> Record | DeadLetter:
    """The record that ``decoder`` would make of ``raw`` at ``position`` of its source.

    A row of CSV has lost its header and is read as a line.
    """
    nesting = default_limits().record.nesting
    try:
        if decoder in _JSON:
            return Record(position, raw, None, parse_object(raw, None, nesting), decoder)
        if decoder == "xml":
            return Record(position, raw, None, parse_event(raw, nesting), decoder)
    except BrokenRecordError as error:
        return DeadLetter(position, error.reason, str(error), raw[:DEAD_LETTER_BYTES], len(raw), decoder)
    return line_record(position, raw, None)
