"""Elasticsearch's part of the store's benchmark: through the store, then the same bulk bodies by the bare client."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any, Protocol

from elasticsearch import Elasticsearch

from events import Event
from policies.retention import storage_policy
from store import EventStore, open_event_store
from store.elasticsearch import ElasticsearchSettings
from store.elasticsearch.installation import install

PREFIX = "fengsui-benchmark"
_TURNS, _TURN_EVENTS = 6, 50_000
_SIZE_KEPT_SECONDS = 11
"""A node tells the same size for ten seconds (``index.store.stats_refresh_interval``)."""


class Figures(Protocol):
    """What was measured."""

    wall: float
    cpu: float

    def line(self, name: str, events: int) -> str:
        """The figures in words."""


@dataclass(frozen=True, slots=True)
class Load:
    """What is written: batches of events, and the mean number of bytes of the records that they were made of."""

    batches: Iterable[list[Event]]
    record_bytes: float


def measure_cluster(
    url: str,
    load: Load,
    fill: Callable[[EventStore, Iterable[list[Event]]], Figures],
    questions: Callable[[EventStore], None],
) -> None:
    """Measure and print; all indexes whose names begin with the benchmark's prefix are removed."""
    settings = ElasticsearchSettings(hosts=(url,), index_prefix=PREFIX)
    given = list(load.batches)
    number = sum(map(len, given))
    client = Elasticsearch(url, request_timeout=60)
    print(f"Elasticsearch {client.info()['version']['number']}")
    install(settings)
    _remove(client)
    with closing(open_event_store(settings, "write", storage_policy())) as store:
        with _recorded() as bodies:
            before = _cluster_cpu(client)
            through = fill(store, given)
            cluster = _cluster_cpu(client) - before
        print(through.line("through the Elasticsearch store", number), flush=True)
        print(f"the cluster itself: {cluster / number * 1e6:.1f} µs of processor time an event")
        written = _size(client)
        _merge(client, store)
        sizes = " and ".join(f"{size / number / load.record_bytes:.3f}" for size in (written, _size(client)))
        print(f"size on disk / bytes of the records, as written and once its days are over: {sizes}", flush=True)
        questions(store)
    _remove(client)
    seconds, cpu = _sent_again(client, bodies, settings.writers)
    bare = number / seconds
    told = f"{number:>11,} events  {bare:>8,.0f} events/s  {cpu / number * 1e6:6.1f} µs of processor time an event"
    print(f"{'bare client, same bulk bodies':32} {told}")
    spent = (cluster + cpu) / (cluster + through.cpu)
    print(f"through the store / bare client: {number / through.wall / bare:.2f}; by processor time {spent:.2f}")
    _remove(client)
    shares = _by_turns(client, settings, given)
    told = ", ".join(f"{share:.2f}" for share in sorted(shares))
    print(f"the same by turns, over {min(number, _TURN_EVENTS):,} events: {median(shares):.2f} in the middle of {told}")


@contextmanager
def _recorded() -> Iterator[list[dict[str, Any]]]:
    """The arguments of every bulk request that is made meanwhile."""
    bodies: list[dict[str, Any]] = []
    send = Elasticsearch.bulk

    def recording(client: Elasticsearch, **arguments: Any) -> Any:  # noqa: ANN401 (the client's own)
        bodies.append(arguments)
        return send(client, **arguments)

    Elasticsearch.bulk = recording  # type: ignore[method-assign, assignment]  # for as long as it is recorded
    try:
        yield bodies
    finally:
        Elasticsearch.bulk = send  # type: ignore[method-assign]  # as it was


def _by_turns(client: Elasticsearch, settings: ElasticsearchSettings, given: list[list[Event]]) -> list[float]:
    """Events a second through the store as a share of the bare client's, one after the other each turn.

    What else the machine does changes both alike. Each begins with no index; who is first changes with each turn.
    """
    portion = list(_first(given, _TURN_EVENTS))

    def through() -> float:
        with closing(open_event_store(settings, "write", storage_policy())) as store:
            started = time.perf_counter()
            for batch in portion:
                store.write(batch)
            return time.perf_counter() - started

    def bare() -> float:
        return _sent_again(client, bodies, settings.writers)[0]

    with _recorded() as bodies:
        through()
    shares = []
    for turn in range(_TURNS):
        spent = {}
        for run in (through, bare)[:: -1 if turn % 2 else 1]:
            _remove(client)
            spent[run] = run()
        shares.append(spent[bare] / spent[through])
    _remove(client)
    return shares


def _first(batches: Iterable[list[Event]], events: int) -> Iterator[list[Event]]:
    for batch in batches:
        if events <= 0:
            return
        yield batch
        events -= len(batch)


def _sent_again(client: Elasticsearch, bodies: list[dict[str, Any]], threads: int) -> tuple[float, float]:
    """Wall and processor time of sending requests as they are."""
    start, cpu = time.perf_counter(), time.process_time()
    with ThreadPoolExecutor(threads) as pool:
        answers = list(pool.map(lambda arguments: client.bulk(**arguments), bodies))
    spent = time.perf_counter() - start, time.process_time() - cpu
    if any("error" in item["create"] for answer in answers for item in answer["items"]):
        raise SystemExit("the bare client's requests had errors; the figures can't be compared")
    return spent


def _cluster_cpu(client: Elasticsearch) -> float:
    """Seconds of processor time that the nodes have used."""
    nodes = client.nodes.stats(metric="process", filter_path="nodes.*.process.cpu.total_in_millis")["nodes"]
    return sum(float(node["process"]["cpu"]["total_in_millis"]) for node in nodes.values()) / 1000


def _merge(client: Elasticsearch, store: EventStore) -> None:
    """Have the store tend its days until there is nothing more to merge."""
    today = datetime.now(UTC).date() + timedelta(days=2)
    pieces = [0, _pieces(client)]
    while pieces[-1] != pieces[-2]:
        store.apply_retention(today)
        time.sleep(1)  # what is asked for begins a little later
        while _merging(client):
            time.sleep(0.5)
        pieces.append(_pieces(client))


def _pieces(client: Elasticsearch) -> int:
    answer = client.indices.stats(index=f"{PREFIX}-*", metric="segments", filter_path="_all.primaries.segments.count")
    return int(answer["_all"]["primaries"]["segments"]["count"])


def _merging(client: Elasticsearch) -> bool:
    pool = "nodes.*.thread_pool.force_merge"
    answer = client.nodes.stats(metric="thread_pool", filter_path=f"{pool}.active,{pool}.queue")
    return any(sum(node["thread_pool"]["force_merge"].values()) for node in answer.get("nodes", {}).values())


def _size(client: Elasticsearch) -> int:
    client.indices.flush(index=f"{PREFIX}-*")
    time.sleep(_SIZE_KEPT_SECONDS)
    answer = client.indices.stats(index=f"{PREFIX}-*", metric="store")
    return int(answer["_all"]["primaries"]["store"]["size_in_bytes"])


def _remove(client: Elasticsearch) -> None:
    """Clusters refuse patterns where something is deleted."""
    if names := list(client.indices.get(index=f"{PREFIX}-*", filter_path="*.aliases")):
        client.indices.delete(index=names)
