"""Files for rules alone: records that no rule can match are seen through as they are read, and never become events."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

import orjson

from collectors.decoders import DecodedStream, Line
from collectors.enrichment import FlowEnricher
from collectors.normalizers.chain import outline
from collectors.normalizers.contract import SourceContext
from collectors.record import DeadLetter, Record
from detection import Matcher
from detection.match import Document
from events import Event, Outline
from fengsui.offline import (
    BATCH_RECORDS,
    OFFLINE,
    FileBatch,
    ReadOptions,
    check_format,
    decode_options,
    normalized,
    record_batch,
)
from fengsui.portions import Portion

_Item = Record | DeadLetter


class Sieve:
    """Reads portions of the input for a matcher; every batch is to be matched before the next is asked for."""

    def __init__(
        self, matcher: Matcher, options: ReadOptions, flows: FlowEnricher | None = None, *, is_open: bool = False
    ) -> None:
        """Prepare; ``flows`` are enriched before they are matched, and an open sieve lets every event through.

        Raises:
            FengsuiError: there is no such format or time zone.
        """
        check_format(options.format)
        self._options = options
        self._flows = flows
        self._is_open = is_open or flows is not None
        self._decoding = decode_options()
        self._context = SourceContext(OFFLINE, "", options.zone())
        self._is_quiet = _never if self._is_open else matcher.screens(self._outlined).is_quiet

    def sift(self, portion: Portion) -> Iterator[FileBatch]:
        """The batches of a portion: all its events are there but those that no rule matches, which may be counted."""
        for stream in portion.streams(self._decoding):
            name = str(portion.path.parent / stream.name)
            for quiet, items in self._sifted(stream, portion.end) if stream.is_ndjson else _unsifted(stream):
                records = record_batch(OFFLINE, stream.identity, items, portion.path, self._options)
                batch = normalized(name, records, self._options, quiet)
                if self._flows:
                    self._flows.enrich(batch.events)
                    self._flows.last_uses.account_for()
                yield batch

    def _sifted(self, stream: DecodedStream, end: int | None) -> Iterator[tuple[int, list[_Item]]]:
        """Runs of lines: how many are quiet, and the others."""
        quiet, items, lines = 0, list[_Item](), 0
        for block in stream.blocks(end):
            quiet += self._sift_block(stream, block, items)
            lines += len(block)
            if lines >= BATCH_RECORDS:
                yield quiet, items
                quiet, items, lines = 0, [], 0
        if lines:
            yield quiet, items

    def _sift_block(self, stream: DecodedStream, block: Sequence[Line | DeadLetter], items: list[_Item]) -> int:
        """How many lines of a block are quiet; what the others are goes to ``items``."""
        quiet = 0
        loads, is_quiet = orjson.loads, self._is_quiet
        for line in block:
            document = None
            if line.__class__ is tuple:
                raw = line[1]
                try:
                    document = loads(raw)
                except orjson.JSONDecodeError:
                    pass
                else:
                    if document.__class__ is not dict:
                        document = None
                    elif is_quiet(document, raw):
                        quiet += 1
                        continue
            item = stream.item(line, document)
            if item is not None:
                items.append(item)
        return quiet

    def _outlined(self, document: Document, raw: bytes) -> tuple[Event, Outline] | None:
        return outline(Record(0, raw, None, document, "ndjson"), self._context, self._options.format)


def _never(_document: Document, _raw: bytes) -> bool:
    return False


def _unsifted(stream: DecodedStream) -> Iterator[tuple[int, list[_Item]]]:
    items = iter(stream)
    while chunk := list(islice(items, BATCH_RECORDS)):
        yield 0, chunk
