"""How long the assessment of 20 systems takes: half a year of events in the embedded store, all checks.

Usage: python -m benchmarks.assessments [EVENTS_A_DAY]. Figures are processor time and time on the clock.
"""

from __future__ import annotations

import os
import platform
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from audit import Actor
from audit.authorship import ChangedBy
from compliance import AssessmentSources, ComplianceWorker, latest_assessments, request_assessment
from events import Event, event_id, format_timestamp, now_ms
from registry import UnitScope
from registry.entries import SystemEntry, UnitEntry
from registry.registers import SYSTEMS, UNITS, Editor, put
from store.embedded import EmbeddedEventStore
from store.records import Base, RecordsDatabase

SYSTEM_COUNT, DAYS, DAY_MS = 20, 180, 86_400_000
KINDS: tuple[Event, ...] = (
    {"event.category": ["authentication"], "event.action": "login", "event.outcome": "success", "user.name": "ops01"},
    {"event.category": ["network"], "event.type": ["denied"], "event.outcome": "success", "network.transport": "tcp"},
    {"event.category": ["database"], "event.action": "query", "event.outcome": "success", "user.name": "app"},
    {"event.category": ["web", "api"], "event.action": "access", "event.outcome": "success", "user.name": "app-1"},
)


def day_of_events(day: int, count: int, now: int) -> Iterator[Event]:
    """Events of one day, spread over the systems and kinds."""
    for number in range(count):
        system = number % SYSTEM_COUNT
        at = now - day * DAY_MS - number * (DAY_MS // count) // 2
        yield {
            "@timestamp": format_timestamp(at),
            "event.id": event_id("benchmark", day * count + number, b""),
            "event.ingested": format_timestamp(at + 500),
            "event.original": f"record {number}",
            "source.ip": f"10.{system}.0.{number % 250 + 1}",
            "destination.ip": f"10.{(system + 1) % SYSTEM_COUNT}.0.5",
            "destination.port": 443,
            **KINDS[number % len(KINDS)],
        }


def main() -> None:
    """Fill, assess, print."""
    a_day = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000
    with tempfile.TemporaryDirectory() as folder:
        records, events = RecordsDatabase(f"sqlite:///{folder}/records.db"), EmbeddedEventStore(Path(folder) / "events")
        Base.metadata.create_all(records.engine)
        now = now_ms()
        for day in range(DAYS):
            events.write(list(day_of_events(day, a_day, now)))
        editor = Editor(ChangedBy(Actor("user", "benchmark", "benchmark"), now), UnitScope.everything())
        with records.begin() as session:
            put(session, UNITS, UnitEntry(id="u", name="u", level="city"), editor)
            for number in range(SYSTEM_COUNT):
                entry = {"id": f"s{number}", "name": f"s{number}", "level_s": 3, "level_a": 3}
                entry |= {"addresses": [f"10.{number}.0.0/16"]}
                parties = {"operator_id": "u", "owner_id": "u", "supervisor_id": "u"}
                put(session, SYSTEMS, SystemEntry.model_validate({**entry, **parties}), editor)
                request_assessment(session, f"s{number}", editor)
        processor, clock = time.process_time(), time.perf_counter()
        done = ComplianceWorker(records, AssessmentSources(events)).work_off()
        processor, clock = time.process_time() - processor, time.perf_counter() - clock
        with records.read() as session:
            finished = len(latest_assessments(session, UnitScope.everything()))
        print(f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
        print(f"{DAYS * a_day:,} events over {DAYS} days; {finished} of {done} systems of level 3 assessed")
        print(f"processor {processor:.1f} s, clock {clock:.1f} s")
        events.close()
        records.close()


if __name__ == "__main__":
    main()
