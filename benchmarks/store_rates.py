"""Event store rates beside a bare tantivy writer: ``python benchmarks/store_rates.py FOLDER [EVENTS]``.

FOLDER holds NDJSON or zipped NDJSON (one event a line). Prints events/s, memory, size on disk and median warm
latencies, each beside what bare tantivy does with the same events as one JSON field.
"""

from __future__ import annotations

import io
import os
import platform
import resource
import shutil
import statistics
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import orjson
import tantivy

from events import Event, event_id, flatten, format_timestamp
from policies.retention import storage_policy
from store import EmbeddedEventStore, Window, parse_query
from store.query import MatchAll

BATCH = 2_000
START_MS = 1_700_000_000_000
REPEATS = 21
QUERIES = (
    "winlog.event_id:1",
    'winlog.event_data.Image:"C:\\\\Windows\\\\System32\\\\svchost.exe"',
    "winlog.event_data.Image:*\\\\svchost.exe",
    "winlog.event_data.CommandLine:*powershell*",
    '"account was"',
    "winlog.event_data.ProcessId:[1000 TO 2000]",
    "source.port:>=1024",
    "otrf.Severity:INFO",
)
AGGREGATIONS = {
    "date_histogram": {"date_histogram": {"field": "@timestamp", "fixed_interval": "10s"}},
    "terms": {"terms": {"field": "winlog.event_data.Image", "size": 10}},
    "terms > terms": {
        "terms": {"field": "winlog.channel", "size": 10},
        "aggs": {"id": {"terms": {"field": "winlog.event_id", "size": 5}}},
    },
}
_WINLOG = {"EventID": "winlog.event_id", "Channel": "winlog.channel", "Hostname": "host.name", "Message": "message"}


def lines(folder: Path) -> Iterator[bytes]:
    """Every line of every NDJSON file below a folder, over and over."""
    while True:
        for path in sorted(folder.rglob("*")):
            if path.suffix == ".zip":
                with zipfile.ZipFile(path) as archive:
                    for name in archive.namelist():
                        yield from io.BytesIO(archive.read(name)) if name.endswith((".json", ".ndjson")) else ()
            elif path.suffix in (".json", ".ndjson"):
                yield from path.read_bytes().splitlines()


def load(folder: Path, number: int) -> list[Event]:
    """Flat events with the fields of Windows under their names in the field table."""
    events: list[Event] = []
    for line in lines(folder):
        if not line.strip():
            continue
        place = len(events)
        event: Event = {
            "@timestamp": format_timestamp(START_MS + place * 20),
            "event.id": event_id("benchmark", place, line),
            "event.dataset": "windows.sysmon",
            "event.original": line.decode("utf-8", "replace").strip(),
        }
        for name, value in flatten(orjson.loads(line)).items():
            data = name[:1].isupper() and "." not in name
            event[_WINLOG.get(name) or (f"winlog.event_data.{name}" if data else f"otrf.{name}")] = value
        events.append(event)
        if len(events) == number:
            break
    return events


def bare(events: list[Event], folder: Path) -> tuple[float, float]:
    """Seconds, and seconds of CPU, that tantivy alone takes for the same events as one JSON field and stored bytes."""
    builder = tantivy.SchemaBuilder()
    builder.add_json_field("e", fast=True, tokenizer_name="raw", index_option="basic")
    builder.add_text_field("message", index_option="position")
    builder.add_text_field("event.original", index_option="position")
    builder.add_bytes_field("stored", stored=True)
    schema = builder.build()
    writer = tantivy.Index(schema, path=str(folder)).writer(48_000_000, 1)
    texts = ("message", "event.original")
    start, cpu = time.perf_counter(), time.process_time()
    for batch in range(0, len(events), BATCH):
        for event in events[batch : batch + BATCH]:
            fields = {name: value for name, value in event.items() if value is not None and name not in texts}
            document = {name: event[name] for name in texts if event.get(name) is not None}
            document |= {"e": fields, "stored": orjson.dumps(event)}
            writer.add_document(tantivy.Document.from_dict(document, schema))
        writer.commit()
    writer.wait_merging_threads()
    return time.perf_counter() - start, time.process_time() - cpu


def median_ms(run: Callable[[], object]) -> float:
    """Median of warm runs in milliseconds."""
    run()
    times = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        run()
        times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times)


def size_of(folder: Path) -> int:
    """Bytes below a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def main(source: str, number: int = 20_000) -> None:
    """Measure and print."""
    print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    events = load(Path(source), number)
    raw = sum(len(str(event["event.original"])) for event in events)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    root = Path(tempfile.mkdtemp())
    (root / "bare").mkdir()
    alone, alone_cpu = bare(events, root / "bare")
    store = EmbeddedEventStore(root / "store", "write", storage_policy())
    start, cpu = time.perf_counter(), time.process_time()
    for batch in range(0, len(events), BATCH):
        store.write(events[batch : batch + BATCH])
    took, took_cpu = time.perf_counter() - start, time.process_time() - cpu
    start = time.perf_counter()
    store.write(events[:BATCH])
    replay = BATCH / (time.perf_counter() - start)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{len(events):,} events of {raw / len(events) / 1024:.2f} KB in batches of {BATCH:,}")
    print(f"events/s: bare {len(events) / alone:,.0f}, store {len(events) / took:,.0f} = {alone / took:.2f} of bare")
    cpu_bare, cpu_store = (seconds / len(events) * 1e6 for seconds in (alone_cpu, took_cpu))
    print(f"CPU an event: bare {cpu_bare:.0f} µs, store {cpu_store:.0f} µs; replay {replay:,.0f} events/s")
    print(f"memory {before:.0f} MB with the events loaded, {peak:.0f} MB at most")
    print(f"size / raw: bare {size_of(root / 'bare') / raw:.2f}, store {size_of(root / 'store') / raw:.2f}")
    for text in QUERIES:
        query = parse_query(text)
        total = store.search(query, Window()).total
        print(f"{median_ms(lambda query=query: store.search(query, Window(), limit=50)):8.2f} ms  {total:>8,}  {text}")
    for name, request in AGGREGATIONS.items():
        took = median_ms(lambda request=request: store.aggregate(MatchAll(), Window(), {"a": request}))
        print(f"{took:8.2f} ms            {name}")
    store.close()
    shutil.rmtree(root)


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:3]))
