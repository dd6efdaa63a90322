"""From a file that has to be read as a whole (EVTX, zip, a JSON array …) to batches, resumed by counting."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Protocol

from collectors.record import Checkpoint, DeadLetter, Record, RecordBatch
from collectors.sources.file.line_reading import BatchStyle

_EDGE_BYTES = 1 << 16
_DIGEST_BYTES = 16
_BATCH_BYTES = 4 << 20


class DecodedStream(Protocol):
    """What ``collectors.decoders.decode_path`` gives for each stream of records in a file."""

    @property
    def identity(self) -> str:
        """Names the stream's content."""

    def __iter__(self) -> Iterator[Record | DeadLetter]:
        """The records, the same and in the same order on every reading."""


Decode = Callable[[Path], Iterator[DecodedStream]]


@dataclass(slots=True)
class ContainerProgress:
    """How many records of a container, over all its streams, were given; ``done`` when that is all."""

    identity: str
    given: int = 0
    done: bool = False

    def checkpoint(self, source: str) -> Checkpoint:
        """The checkpoint that holds once everything given is delivered."""
        return Checkpoint(source, self.identity, self.given, {"done": self.done})


def container_identity(path: Path) -> str:
    """Names the content of a finished file by its size, its first and its last 64 KiB."""
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        digest = hashlib.blake2b(size.to_bytes(8, "big"), digest_size=_DIGEST_BYTES)
        digest.update(file.read(_EDGE_BYTES))
        file.seek(max(0, size - _EDGE_BYTES))
        digest.update(file.read(_EDGE_BYTES))
    return f"file:{digest.hexdigest()}"


def read_container(path: Path, progress: ContainerProgress, decode: Decode, style: BatchStyle) -> Iterator[RecordBatch]:
    """Batches of what has not been given yet; the last carries the checkpoint that the file is done.

    A batch's identity is its stream's own, so the same stream gives the same event ids in whatever file it lies.
    """
    skip = progress.given
    previous: RecordBatch | None = None
    for stream in decode(path):
        items = iter(stream)
        skip -= sum(1 for _ in islice(items, skip))
        while part := _take(items, style.records):
            if previous is not None:
                yield previous
            progress.given += len(part)
            previous = _batch(part, stream.identity, progress, style)
    progress.done = True
    if previous is None:
        previous = RecordBatch(style.source, progress.identity, [], [])
    yield RecordBatch(
        previous.source,
        previous.identity,
        previous.records,
        previous.dead_letters,
        progress.checkpoint(style.source),
        style.format,
        style.reference_ms,
    )


def _take(items: Iterator[Record | DeadLetter], most: int) -> list[Record | DeadLetter]:
    part: list[Record | DeadLetter] = []
    size = 0
    for item in items:
        part.append(item)
        size += len(item.raw)
        if len(part) >= most or size >= _BATCH_BYTES:
            break
    return part


def _batch(
    part: list[Record | DeadLetter], identity: str, progress: ContainerProgress, style: BatchStyle
) -> RecordBatch:
    return RecordBatch(
        style.source,
        identity,
        [item for item in part if isinstance(item, Record)],
        [item for item in part if isinstance(item, DeadLetter)],
        progress.checkpoint(style.source),
        style.format,
        style.reference_ms,
    )
