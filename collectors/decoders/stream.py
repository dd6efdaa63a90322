"""From a file or stream to its records: opens the layers, recognizes the format, hands out the decoder's records."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import BinaryIO

from collectors.decoders.archives import Member, open_members
from collectors.decoders.byte_source import PEEK_BYTES, ByteSource
from collectors.decoders.csv_rows import decode_csv
from collectors.decoders.encodings import canonical_encoding, transcoder
from collectors.decoders.evtx_records import decode_evtx
from collectors.decoders.expansion import ExpansionGuard
from collectors.decoders.identity import content_identity
from collectors.decoders.json_documents import decode_json
from collectors.decoders.json_values import Document
from collectors.decoders.limits import DecodeLimits
from collectors.decoders.line_records import decode_lines, decode_ndjson, line_blocks, ndjson_item
from collectors.decoders.lines import Line
from collectors.decoders.options import DecodeOptions
from collectors.decoders.recognition import WHOLE_TEXT_DECODERS, Recognition, recognize
from collectors.decoders.xml_events import decode_xml
from collectors.record import DeadLetter, Reason, Record

Decoder = Callable[[ByteSource, str | None, DecodeLimits], Iterator[Record | DeadLetter]]
DECODERS = MappingProxyType[str, Decoder](
    {
        "ndjson": decode_ndjson,
        "json": decode_json,
        "csv": decode_csv,
        "evtx": decode_evtx,
        "xml": decode_xml,
        "lines": decode_lines,
    }
)
"""The decoders by name."""
_CAPTURES = frozenset({"pcap", "pcapng"})
_SEEKABLE = frozenset({"lines", "ndjson"})
_DEFAULT_OPTIONS = DecodeOptions()


class DecodedStream:
    """The records of one plain file or archive member, in order, to be read once.

    Attributes:
        name: where it lay: ``a.log``, ``a.zip!inner.json``.
        identity: what it is known by (see ``content_identity``).
        decoder: name of the decoder that reads it; ``pcap``, ``pcapng``, ``unknown`` or ``archive`` where none does.
        encoding: encoding of the text where it is told or shows, else None (each line tells).
    """

    def __init__(self, member: Member, options: DecodeOptions, start: int = 0) -> None:
        head = member.source.peek(PEEK_BYTES)
        recognition = _decide(head, options) if member.refusal is None else Recognition("archive")
        self.name = member.name
        self.identity = content_identity(head)
        self.decoder = recognition.decoder
        self.encoding = recognition.encoding
        self._member = member
        self._options = options
        self._recognition = recognition
        self._start = start

    def __iter__(self) -> Iterator[Record | DeadLetter]:
        """The records from ``start`` on, and last what ended the stream before its time."""
        for item in self._items():
            if item.position >= self._start:
                yield item
        failure = self._member.source.failure
        if failure is not None:
            yield replace(failure, decoder=self.decoder)

    @property
    def is_ndjson(self) -> bool:
        """Whether ``blocks`` can be asked for: JSON objects, one a line, in UTF-8 as far as is known."""
        return self.decoder == "ndjson" and self.encoding in {None, "utf-8"} and self._member.refusal is None

    @property
    def is_plain_ndjson(self) -> bool:
        """Whether it is NDJSON that is neither compressed nor archived, and may be read from any line on."""
        return self.is_ndjson and self._member.source.stream is not None

    def blocks(self, end: int | None = None) -> Iterator[list[Line | DeadLetter]]:
        """The lines of NDJSON in place of its records, many at a time: from ``start`` on, which is where a line starts.

        Last comes what ended the stream before its time. ``item`` makes of a line what iterating would have given.

        Args:
            end: lines that start there or later are left out.
        """
        source = self._member.source
        source.skip_to(max(self._recognition.preamble, self._start))
        for block in line_blocks(source, self.encoding, self._options.limits.record.bytes):
            if end is not None and block and _position(block[-1]) >= end:
                yield [line for line in block if _position(line) < end]
                return
            yield block
        if source.failure is not None:
            yield [replace(source.failure, decoder=self.decoder)]

    def item(self, line: Line | DeadLetter, document: Document | None = None) -> Record | DeadLetter | None:
        """What a line of NDJSON is; ``document`` spares reading its JSON again. None for a comment."""
        return ndjson_item(line, self.encoding, self._options.limits.record.nesting, document)

    def _items(self) -> Iterator[Record | DeadLetter]:
        source = self._member.source
        decode = DECODERS.get(self.decoder)
        if self._member.refusal is not None:
            return iter((self._member.refusal,))
        if not source.peek(1):
            return iter(())
        if decode is None:
            return self._without_decoder()
        if self.decoder in WHOLE_TEXT_DECODERS and self.encoding not in {None, "utf-8"}:
            source = source.transcoded(lambda read: transcoder(read, self.encoding or "utf-8"))
        source.skip_to(max(self._recognition.preamble, self._start if self.decoder in _SEEKABLE else 0))
        return decode(source, self.encoding, self._options.limits)

    def _without_decoder(self) -> Iterator[Record | DeadLetter]:
        """A packet capture is read by the caller's decoder; anything else is one dead letter."""
        source, packets = self._member.source, self._options.packet_decoder
        if self.decoder in _CAPTURES and packets is not None:
            with source.on_disk() as path:
                yield from packets(path)
            return
        head = source.peek(PEEK_BYTES)
        what = (
            "a packet capture, and no packet decoder is set up" if self.decoder in _CAPTURES else "no known log format"
        )
        yield DeadLetter(0, Reason.UNRECOGNIZED, f"{self.name}: {what}", head, decoder=self.decoder)


def decode_path(path: Path, options: DecodeOptions = _DEFAULT_OPTIONS) -> Iterator[DecodedStream]:
    """The streams of a file: itself, or each member where it is an archive.

    Each stream is to be read before the next is asked for.

    Raises:
        OSError: the file can't be opened.
        LookupError: the options name no known decoder or encoding.
    """
    with path.open("rb") as file:
        source = ByteSource(file.read, path=path, stream=file)
        guard = ExpansionGuard(options.limits.archive, lambda: path.stat().st_size)
        for member in open_members(source, path.name, guard, options.limits.archive):
            yield DecodedStream(member, options)


def decode_stream(
    stream: BinaryIO, name: str, options: DecodeOptions = _DEFAULT_OPTIONS, *, start: int = 0
) -> DecodedStream:
    """The records of a stream, from position ``start`` on; it may be compressed, but not an archive of several files.

    Raises:
        LookupError: the options name no known decoder or encoding.
    """
    source = ByteSource(stream.read, stream=stream)
    archive = options.limits.archive
    guard = ExpansionGuard(archive, lambda: source.position)
    member = next(open_members(source, name, guard, archive), None)
    if member is None or "!" in member.name.removeprefix(name):
        detail = f"{name}: an archive of several files; hand it in as a file"
        refusal = DeadLetter(0, Reason.UNRECOGNIZED, detail, b"", decoder="archive")
        member = Member(name, source, refusal)
    return DecodedStream(member, options, start)


def _position(line: Line | DeadLetter) -> int:
    return line.position if isinstance(line, DeadLetter) else line[0]


def _decide(head: bytes, options: DecodeOptions) -> Recognition:
    """What the caller says, else what the content says."""
    if options.decoder is None:
        return recognize(head, options.encoding, whole=len(head) < PEEK_BYTES)
    if options.decoder not in DECODERS and options.decoder not in _CAPTURES:
        raise LookupError(f"no decoder is named {options.decoder}; there are {', '.join(DECODERS)}")
    encoding = canonical_encoding(options.encoding, head)
    if options.encoding is None and encoding == "gb18030" and options.decoder not in WHOLE_TEXT_DECODERS:
        encoding = None
    return Recognition(options.decoder, encoding)
