"""A recording: files read as a whole, each record with the moment at which it happened."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path

from collectors.normalizers.contract import SourceContext
from collectors.record import DeadLetter, NormalizedBatch, Record, RecordBatch
from collectors.sources.config import FileSourceConfig
from collectors.sources.file.container_reading import Decode
from events import event_id, timestamp_ms

Normalize = Callable[[RecordBatch, SourceContext, str | None], NormalizedBatch]


@dataclass(frozen=True, slots=True)
class RecordedItem:
    """What a recording holds at one place.

    Attributes:
        time_ms: when it happened; for what has no time of its own, that of the record before it.
        identity: of the stream that it stands in.
        item: the record, or the dead letter of what could not be decoded.
        reference_ms: the moment against which its stream's times without year are placed.
    """

    time_ms: int
    identity: str
    item: Record | DeadLetter
    reference_ms: int


def read_recording(
    config: FileSourceConfig, paths: Sequence[Path], decode: Decode, normalize: Normalize
) -> list[RecordedItem]:
    """Everything in the files, in order of time; what happened in one moment stays in the files' order."""
    items = [item for path in paths for item in _read_file(config, path, decode, normalize)]
    return sorted(items, key=attrgetter("time_ms"))


def _read_file(config: FileSourceConfig, path: Path, decode: Decode, normalize: Normalize) -> Iterator[RecordedItem]:
    changed_ms = int(path.stat().st_mtime * 1000)
    for stream in decode(path):
        items = list(stream)
        times = _times(config, stream.identity, items, changed_ms, normalize)
        latest = min(times.values(), default=changed_ms)
        for item in items:
            latest = times.get(item.position, latest)
            yield RecordedItem(latest, stream.identity, item, changed_ms)


def _times(
    config: FileSourceConfig,
    identity: str,
    items: Sequence[Record | DeadLetter],
    reference_ms: int,
    normalize: Normalize,
) -> dict[int, int]:
    """When the records of a stream happened, by position."""
    records = [item for item in items if isinstance(item, Record)]
    context = SourceContext(config.name, identity, config.zone, reference_ms)
    events = normalize(RecordBatch(config.name, identity, records, []), context, config.format).events
    moments = {str(event["event.id"]): timestamp_ms(str(event["@timestamp"])) for event in events}
    ids = {record.position: event_id(identity, record.position, record.raw) for record in records}
    return {position: moments[id_] for position, id_ in ids.items() if id_ in moments}
