"""Elasticsearch's part of the store's benchmark: through the store, then the same bulk bodies by the bare client."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from typing import Any, Protocol

from elasticsearch import Elasticsearch

from events import Event
from policies.retention import storage_policy
from store import EventStore, open_event_store
from store.elasticsearch import ElasticsearchSettings
from store.elasticsearch.installation import install

PREFIX = "fengsui-benchmark"


class Figures(Protocol):
    """What was measured."""

    def line(self, name: str, events: int) -> str:
        """The figures in words."""


def measure_cluster(
    url: str,
    batches: Iterable[list[Event]],
    fill: Callable[[EventStore, Iterable[list[Event]]], Figures],
    questions: Callable[[EventStore], None],
) -> None:
    """Measure and print; all indexes whose names begin with the benchmark's prefix are removed."""
    settings = ElasticsearchSettings(hosts=(url,), index_prefix=PREFIX)
    given = list(batches)
    number = sum(map(len, given))
    client = Elasticsearch(url, request_timeout=60)
    print(f"Elasticsearch {client.info()['version']['number']}")
    install(settings)
    _remove(client)
    with closing(open_event_store(settings, "write", storage_policy())) as store:
        with _recorded() as bodies:
            through = fill(store, given)
        print(through.line("through the Elasticsearch store", number), flush=True)
        client.indices.refresh(index=f"{PREFIX}-*")
        size = client.indices.stats(index=f"{PREFIX}-*", metric="store")["_all"]["primaries"]["store"]["size_in_bytes"]
        print(f"size on disk: {size / number:,.0f} bytes an event")
        questions(store)
    _remove(client)
    seconds = _sent_again(client, bodies, settings.writers)
    print(f"{'bare client, same bulk bodies':32} {number:>11,} events  {number / seconds:>8,.0f} events/s")
    _remove(client)


@contextmanager
def _recorded() -> Iterator[list[dict[str, Any]]]:
    """The arguments of every bulk request that is made meanwhile."""
    bodies: list[dict[str, Any]] = []
    send = Elasticsearch.bulk

    def recording(client: Elasticsearch, **arguments: Any) -> Any:  # noqa: ANN401 (the client's own)
        bodies.append(arguments)
        return send(client, **arguments)

    Elasticsearch.bulk = recording  # type: ignore[method-assign, assignment]
    try:
        yield bodies
    finally:
        Elasticsearch.bulk = send  # type: ignore[method-assign]


def _sent_again(client: Elasticsearch, bodies: list[dict[str, Any]], threads: int) -> float:
    start = time.perf_counter()
    with ThreadPoolExecutor(threads) as pool:
        answers = list(pool.map(lambda arguments: client.bulk(**arguments), bodies))
    seconds = time.perf_counter() - start
    if any(answer["errors"] for answer in answers):
        raise SystemExit("the bare client's requests had errors; the figures can't be compared")
    return seconds


def _remove(client: Elasticsearch) -> None:
    client.indices.delete(index=f"{PREFIX}-*", ignore_unavailable=True, allow_no_indices=True)
