"""Files into the event store in one go, through the same delivery as live sources."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from collectors.delivery import DeliverySettings, Group, Parcel
from collectors.record import RecordBatch
from fengsui.detecting import build_pipeline, load_detectors
from fengsui.event_store import open_store
from fengsui.flows import LiveFlows
from fengsui.offline import ReadOptions, read_batches
from fengsui.processes.foundation import open_records, prepare_data_dir
from fengsui.progress import with_progress
from fengsui.settings import Settings
from store import EventStore

NamedBatch: TypeAlias = tuple[str, RecordBatch]
"""A batch with the name of the file or archive member that it is of."""

INGEST = "ingest"
"""Source name of what came in by hand; the same file again, by whatever path, meets its earlier self."""


@dataclass(slots=True)
class IngestTotals:
    """What became of the files."""

    files: int = 0
    events: int = 0
    created: int = 0
    dead_letters: int = 0

    @property
    def existing(self) -> int:
        """Events that the store held before."""
        return self.events - self.created


def ingest_files(settings: Settings, paths: Iterable[Path], options: ReadOptions) -> IngestTotals:
    """Decode, normalize, match and store files.

    Raises:
        StoreLockedError: another process (``fengsui up``) writes the event store.
    """
    prepare_data_dir(settings)
    totals = IngestTotals()
    files: set[str] = set()
    with closing(open_records(settings)) as records, closing(open_store(settings, "write")) as store:
        detectors = load_detectors(settings, records)
        flows = LiveFlows(settings, records)
        pipeline = build_pipeline(detectors, store, records, {INGEST: options.zone()}, flows)
        before = _held(store)
        groups = _groups(read_batches(paths, options, INGEST), settings.delivery)
        for group in with_progress(groups, lambda parts: sum(len(batch.records) for _name, batch in parts)):
            for delivered in pipeline.deliver([batch for _name, batch in group]):
                totals.events += len(delivered.events)
                totals.dead_letters += len(delivered.dead_letters)
            files.update(name for name, _batch in group)
        totals.created = _held(store) - before
    totals.files = len(files)
    return totals


def _groups(batches: Iterable[NamedBatch], settings: DeliverySettings) -> Iterator[list[NamedBatch]]:
    """Batches in groups that are stored together: the store takes a few large ones much faster than many small."""
    group, named = Group(settings), list[NamedBatch]()
    for name, batch in batches:
        parcel = Parcel(batch)
        if not group.take(parcel):
            yield named
            group, named = Group(settings), []
            group.take(parcel)
        named.append((name, batch))
    if named:
        yield named


def _held(store: EventStore) -> int:
    """How many events the store holds."""
    return sum(day.events for day in store.days())
