"""What the event stores take and answer, beside what their engines do alone with the very same documents."""

from __future__ import annotations

import argparse
import gc
import os
import platform
import resource
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import partial
from importlib.metadata import version
from pathlib import Path

import tantivy

from benchmarks.store_cluster import Load, measure_cluster
from benchmarks.store_corpus import Corpus
from benchmarks.store_corpus import load as load_corpus
from benchmarks.store_plain import by_turns, records_of
from collectors.delivery import DeliverySettings
from events import Event, field_table, now_ms, timestamp_ms
from fengsui.allocator import in_use, preloading
from policies.retention import storage_policy
from store import EmbeddedEventStore, EventStore, Window, parse_query
from store.embedded.layout import create_index, folder_of
from store.embedded.writer import IndexWriter
from store.placement import IndexKey, day_of

BATCH = DeliverySettings().group_records
"""What delivery hands to a store at once under load."""
REPEATS = 21
PAGE = 50
_GARBAGE_THRESHOLD = 100_000
"""As in the product's process that writes; what was loaded is left out of the search for cycles there, too."""
FILTERS = (
    "event.code:4624",
    "winlog.channel:security AND event.outcome:failure",
    "process.executable:*\\\\powershell.exe",
    "process.command_line:*mimikatz*",
    "user.name:system AND NOT event.code:4658",
    "destination.ip:10.0.0.0/8",
    "logon",
    'message:"an account was"',
)
AGGREGATIONS = {
    "date_histogram": {"date_histogram": {"field": "@timestamp", "fixed_interval": "1h"}},
    "terms event.code": {"terms": {"field": "event.code", "size": 10}},
    "terms process.executable": {"terms": {"field": "process.executable", "size": 10}},
    "terms user.name": {"terms": {"field": "user.name", "size": 10}},
}
SCOPES = ("", "winlog.channel:security")


@dataclass(slots=True)
class Clock:
    """Wall and processor time spent in marked places."""

    wall: float = 0
    cpu: float = 0
    memory_mb: list[int] = field(default_factory=list)

    @contextmanager
    def running(self) -> Iterator[None]:
        """Count what happens in a block."""
        wall, cpu = time.perf_counter(), time.process_time()
        try:
            yield
        finally:
            self.wall += time.perf_counter() - wall
            self.cpu += time.process_time() - cpu

    def line(self, name: str, events: int) -> str:
        """The figures in words."""
        return (
            f"{name:32} {events:>11,} events  {events / self.wall:>8,.0f} events/s  "
            f"{self.cpu / events * 1e6:6.1f} µs of processor time an event"
        )


def bare(corpus: Corpus, number: int, folder: Path) -> Clock:
    """Tantivy alone with the store's own documents, made beforehand, in the store's batches and a thread a core."""
    clock = Clock()
    key = IndexKey("bare", day_of(now_ms()))
    create_index(folder, key, field_table().types)
    writer = IndexWriter(folder_of(folder, key), key, os.cpu_count() or 1)
    for batch in corpus.batches(number, 1, BATCH):
        documents: list[tantivy.Document] = [
            writer.document(event, (timestamp_ms(str(event["@timestamp"])), str(event["event.id"]))) for event in batch
        ]
        with clock.running():
            for document in documents:
                writer.add(document)
            writer.commit()
    with clock.running():
        writer.close()
    return clock


def fill(store: EventStore, batches: Iterable[list[Event]]) -> Clock:
    """Write batches to a store."""
    clock = Clock()
    for batch in batches:
        with clock.running():
            created = store.write(batch).created
        if created != len(batch):
            raise SystemExit(f"only {created:,} of {len(batch):,} events were created")
        clock.memory_mb.append(_resident_mb())
    return clock


def questions(store: EventStore) -> None:
    """Time queries and print them."""
    for text in FILTERS:
        query = parse_query(text)
        total = store.search(query, Window(), limit=1)
        note = "" if total.total_is_exact else " at least"
        took = _quantiles(partial(store.search, query, Window(), limit=PAGE))
        print(f"  {took}  newest {PAGE} of {text}  ({note}{total.total:,})")
    for scope in SCOPES:
        query = parse_query(scope)
        for name, request in AGGREGATIONS.items():
            took = _quantiles(partial(store.aggregate, query, Window(), {"a": request}))
            print(f"  {took}  {name} of {scope or 'everything'}")


def _quantiles(run: Callable[[], object]) -> str:
    times = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        run()
        times.append((time.perf_counter() - start) * 1000)
    return f"p50 {statistics.median(times):8.1f} ms  p95 {statistics.quantiles(times, n=20)[-1]:8.1f} ms"


def _size_of(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _resident_mb() -> int:
    """Memory of the process's own, without the pages of index files, which the system takes back when it needs them."""
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return int(status["RssAnon"].split()[0]) >> 10


def _once(corpus: Corpus, number: int, root: Path) -> float:
    """The seconds that a new store takes for events of one day."""
    with closing(EmbeddedEventStore(root / "once", "write", storage_policy())) as store:
        clock = fill(store, corpus.batches(number, 1, BATCH))
        with clock.running():
            store.close()
    shutil.rmtree(root / "once")
    return clock.wall


def embedded(corpus: Corpus, asked: argparse.Namespace, root: Path) -> None:
    """Measure the embedded engine."""
    alone = min(asked.events, asked.bare)
    print(by_turns(records_of(corpus.events), alone, root / "plain", partial(_once, corpus, alone, root)), flush=True)
    print(bare(corpus, alone, root / "bare").line("tantivy alone, same documents", alone), flush=True)
    shutil.rmtree(root / "bare")
    with closing(EmbeddedEventStore(root / "store", "write", storage_policy())) as store:
        clock = fill(store, corpus.batches(asked.events, asked.days, BATCH))
        with clock.running():
            store.close()
    print(clock.line("through the embedded store", asked.events), flush=True)
    seen = clock.memory_mb
    places = [seen[len(seen) * part // 4 - 1] for part in (1, 2, 3, 4) if len(seen) >= part]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    print(f"own memory at each quarter {places} MB; {peak} MB resident at most, with index files")
    print(f"size on disk / bytes of the records: {_size_of(root / 'store') / asked.events / corpus.record_bytes:.3f}")
    with closing(EmbeddedEventStore(root / "store", "read")) as store:
        questions(store)


def main() -> None:
    """Measure and print."""
    if environment := preloading():  # as `up` starts the processes that write
        os.execve(sys.executable, sys.orig_argv, {**os.environ, **environment})
    parser = argparse.ArgumentParser(description=__doc__, prog="benchmarks/store.py")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--per-file", type=int, default=400)
    parser.add_argument("--events", type=int, default=200_000)
    parser.add_argument("--days", type=int, default=20)
    parser.add_argument("--bare", type=int, default=200_000)
    parser.add_argument("--elasticsearch")
    parser.add_argument("--cluster-events", type=int, default=100_000)
    parser.add_argument("--cluster-days", type=int, default=4)
    asked = parser.parse_args()
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    print(f"{machine}, tantivy {version('tantivy')}, {'jemalloc' if in_use() else 'allocator of the C library'}")
    corpus = load_corpus(asked.folder, asked.per_file)
    gc.collect()
    gc.freeze()
    gc.set_threshold(_GARBAGE_THRESHOLD)
    memory = _resident_mb()
    print(f"{len(corpus.events):,} recorded events, {corpus.record_bytes:,.0f} bytes a record, {memory} MB", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        embedded(corpus, asked, Path(folder))
    if asked.elasticsearch:
        load = Load(corpus.batches(asked.cluster_events, asked.cluster_days, BATCH), corpus.record_bytes)
        measure_cluster(asked.elasticsearch, load, fill, questions)
