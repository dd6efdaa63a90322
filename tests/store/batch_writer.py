"""A process that writes batches over several days until it ends or is killed.

``python batch_writer.py FOLDER``, or ``python batch_writer.py HOST PREFIX`` for Elasticsearch.
"""

from __future__ import annotations

import sys
from pathlib import Path

from events import Event, format_timestamp
from store import ElasticsearchSettings, PlausibleTimes, StoragePolicy, open_event_store

BATCHES, BATCH_EVENTS, DAYS = 12, 60, 4
POLICY = StoragePolicy({}, (("gateway.*", "access"),), "standard", PlausibleTimes(946_684_800_000, 86_400_000))


def batch(number: int) -> list[Event]:
    """Events over several days, two classes and an implausible time; the last of a batch begins the next."""
    events: list[Event] = []
    for place in range(number * (BATCH_EVENTS - 1), number * (BATCH_EVENTS - 1) + BATCH_EVENTS):
        moment = place if place % 10 == 0 else 1_700_000_000_000 + place % DAYS * 86_400_000 + place
        dataset = "gateway.access" if place % 3 == 0 else "test.log"
        stamp = format_timestamp(moment)
        events.append(
            {"@timestamp": stamp, "event.id": f"{place:032x}", "event.dataset": dataset, "message": "x" * 200}
        )
    return events


def main(place: str, prefix: str | None = None) -> None:
    """Write every batch, saying after each that it is on disk."""
    location = ElasticsearchSettings(hosts=(place,), index_prefix=prefix) if prefix else Path(place)
    store = open_event_store(location, "write", POLICY)
    print("open", flush=True)  # noqa: T201 (the test waits for it)
    for number in range(BATCHES):
        store.write(batch(number))
        print(number, flush=True)  # noqa: T201 (the test counts them)
    store.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
