"""Records out of lines: plain text, syslog and newline-delimited JSON."""

from __future__ import annotations

from collections.abc import Iterator

from collectors.decoders.byte_source import READ_BYTES, ByteSource
from collectors.decoders.encodings import WIDE_ENCODINGS, byte_order_mark, decode_text, foreign_text, wide_newline
from collectors.decoders.errors import BrokenRecordError
from collectors.decoders.json_values import Document, parse_object
from collectors.decoders.limits import DecodeLimits, default_limits
from collectors.decoders.lines import Line, LineAssembler
from collectors.record import DEAD_LETTER_BYTES, DeadLetter, Reason, Record

_COMMENTS = (b"#", b"//")


def line_record(position: int, raw: bytes, encoding: str | None = None) -> Record | DeadLetter:
    """One line of any source as a record: a JSON object has a document, everything else is text.

    A JSON object nested too deep is a dead letter; a line that only looks like JSON is text.
    """
    raw = _bare(position, raw, encoding)
    if raw.lstrip()[:1] == b"{":
        try:
            document = parse_object(raw, encoding, default_limits().record.nesting)
        except BrokenRecordError as error:
            if error.reason is not Reason.UNDECODABLE:
                return _dead(position, error, raw)
        else:
            return Record(position, raw, foreign_text(raw, encoding), document, "ndjson")
    return Record(position, raw, decode_text(raw, encoding))


def read_lines(
    source: ByteSource, encoding: str | None, limit: int, *, keep_blank: bool = False
) -> Iterator[Line | DeadLetter]:
    """The lines of a whole source."""
    for block in line_blocks(source, encoding, limit, keep_blank=keep_blank):
        yield from block


def line_blocks(
    source: ByteSource, encoding: str | None, limit: int, *, keep_blank: bool = False
) -> Iterator[list[Line | DeadLetter]]:
    """The lines of a whole source, as many at a time as are read at once."""
    assembler = LineAssembler(limit, source.position, encoding, keep_blank=keep_blank)
    while data := source.read(READ_BYTES):
        yield assembler.feed(data)
    yield assembler.flush()


def decode_lines(source: ByteSource, encoding: str | None, limits: DecodeLimits) -> Iterator[Record | DeadLetter]:
    """Every line as text, JSON objects among them as documents."""
    for line in read_lines(source, encoding, limits.record.bytes):
        if isinstance(line, DeadLetter):
            yield line
        else:
            record = line_record(line[0], line[1], encoding)
            if record.raw:  # a byte order mark alone is no line
                yield record


def decode_ndjson(source: ByteSource, encoding: str | None, limits: DecodeLimits) -> Iterator[Record | DeadLetter]:
    """Every line as a JSON object; comment lines are passed over, anything else is a dead letter."""
    for line in read_lines(source, encoding, limits.record.bytes):
        item = ndjson_item(line, encoding, limits.record.nesting)
        if item is not None:
            yield item


def ndjson_item(
    line: Line | DeadLetter, encoding: str | None, nesting: int, document: Document | None = None
) -> Record | DeadLetter | None:
    """What a line of NDJSON is: a record, a dead letter, or None for a comment.

    Args:
        line: the line, or what stands for one that was too long.
        encoding: encoding of the text, where it is known.
        nesting: how many levels deep a record may be.
        document: the object that the line holds, for callers that have read it already.
    """
    if isinstance(line, DeadLetter):
        return line
    position, raw = line
    raw = _bare(position, raw, encoding)
    try:
        document = document or parse_object(raw, encoding, nesting)
        return Record(position, raw, foreign_text(raw, encoding), document, "ndjson")
    except BrokenRecordError as error:
        return _dead(position, error, raw) if raw and not raw.startswith(_COMMENTS) else None


def _bare(position: int, raw: bytes, encoding: str | None) -> bytes:
    """The line without carriage return, and without byte order mark at the very start."""
    if position == 0:
        raw = raw[len(byte_order_mark(raw)) :]
    if encoding is None or encoding not in WIDE_ENCODINGS:
        return raw[:-1] if raw.endswith(b"\r") else raw
    return raw.removesuffix(wide_newline(encoding).replace(b"\n", b"\r"))


def _dead(position: int, error: BrokenRecordError, raw: bytes) -> DeadLetter:
    return DeadLetter(position, error.reason, str(error), raw[:DEAD_LETTER_BYTES], len(raw), "ndjson")
