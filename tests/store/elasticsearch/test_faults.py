"""The engine when nodes die, disks fill, lines are cut and mappings differ: in the end each event is there once."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any

import httpx
import pytest

from events import Event
from store import ElasticsearchSettings, StoreError, Window, WriteResult
from store.elasticsearch.condition import condition_of
from store.elasticsearch.store import ElasticsearchEventStore
from store.query import MatchAll
from tests.patience import PATIENCE_SECONDS, until
from tests.servers.client import SERVER_PATIENCE, patient_client
from tests.servers.cut_line import cut_line
from tests.servers.elasticsearch import ElasticsearchCluster
from tests.store.batch_writer import BATCHES
from tests.store.batch_writer import __file__ as writer_file
from tests.store.batch_writer import batch as written_batch
from tests.store.conftest import MakeEvent

from .installations import installation

BATCH = 400
pytestmark = [pytest.mark.services, pytest.mark.fault, pytest.mark.timeout(900)]


def _held(settings: ElasticsearchSettings) -> Counter[str]:
    """The ids that another process would find, and how often each."""
    found: Counter[str] = Counter()
    with closing(patient_client(*settings.hosts)) as client:
        client.cluster.health(
            index=f"{settings.index_prefix}-*",
            wait_for_events="languid",
            wait_for_status="yellow",
            wait_for_no_initializing_shards=True,
            timeout=SERVER_PATIENCE,
        )
        client.indices.refresh(index=f"{settings.index_prefix}-*")
    with closing(ElasticsearchEventStore(settings, "read")) as reader:
        cursor = None
        while True:
            page = reader.search(MatchAll(), Window(), limit=10_000, cursor=cursor)
            assert page.incomplete is None
            found.update(str(event["event.id"]) for event in page.events)
            if (cursor := page.next_cursor) is None:
                return found


def _once(events: list[Event]) -> Counter[str]:
    return Counter(str(event["event.id"]) for event in events)


def _insist(write: Callable[[], WriteResult]) -> tuple[WriteResult, int]:
    """Write as delivery does: again while the store can't; returns also how often it could not."""
    deadline, failures = time.monotonic() + PATIENCE_SECONDS, 0
    while True:
        try:
            return write(), failures
        except StoreError:
            failures += 1
            assert time.monotonic() < deadline, "the cluster did not come back"
            time.sleep(0.3)


def _batches(make_event: MakeEvent, number: int) -> Iterator[list[Event]]:
    for first in range(0, number * BATCH, BATCH):
        yield [
            make_event(n, moment_ms=1_700_000_000_000 + n * 20_000, message="m" * 300)
            for n in range(first, first + BATCH)
        ]


@pytest.mark.parametrize("victim", ["n2", "master"])
def test_a_node_killed_in_mid_ingest_costs_nothing(
    elasticsearch_cluster: ElasticsearchCluster, make_event: MakeEvent, victim: str
) -> None:
    batches = list(_batches(make_event, 30))
    with installation(*elasticsearch_cluster.urls) as settings:
        with closing(patient_client(*elasticsearch_cluster.urls)) as client:
            name = client.cat.master(h="node").strip() if victim == "master" else victim
        with closing(ElasticsearchEventStore(settings, "write")) as store:
            store.write(batches[0])
            killer = threading.Thread(target=elasticsearch_cluster.kill, args=[name])
            for number, batch in enumerate(batches[1:]):
                if number == len(batches) // 3:
                    killer.start()
                result, _failures = _insist(lambda batch=batch: store.write(batch))
                assert result.rejected == []
                assert result.created + result.existing == BATCH
            killer.join()
            assert elasticsearch_cluster.nodes[name].process is None
            assert store.write(batches[3]).existing == BATCH
        assert _held(settings) == _once([event for batch in batches for event in batch])
        elasticsearch_cluster.restore()


def test_a_full_disk_makes_wait_and_loses_nothing(elasticsearch: str, make_event: MakeEvent) -> None:
    first, second, third = _batches(make_event, 3)
    with installation(elasticsearch) as settings, closing(ElasticsearchEventStore(settings, "write")) as store:
        store.write(first)
        with _flooded(elasticsearch, settings) as drain:
            with pytest.raises(StoreError, match="disk usage exceeded flood-stage"):
                store.write(second)
            assert store.search(MatchAll(), Window(), limit=1).total == BATCH
            assert "beyond the flood_stage watermark" in " ".join(condition_of(settings).broken)
            drain()
            result, _failures = _insist(lambda: store.write([*second, *third]))
        assert (result.created, result.rejected) == (2 * BATCH, [])
        assert _held(settings) == _once([*first, *second, *third])


@contextmanager
def _flooded(url: str, settings: ElasticsearchSettings) -> Iterator[Callable[[], None]]:
    """Let the node believe that its disk is full until Elasticsearch has blocked the indexes; gives what ends that.

    Elasticsearch looks at its disks every ten seconds, to block and to unblock.
    """
    disk = "cluster.routing.allocation.disk"
    full: dict[str, Any] = {f"{disk}.watermark.{level}": "9000tb" for level in ("low", "high", "flood_stage")}
    full |= {f"{disk}.threshold_enabled": True, "cluster.info.update.interval": "10s"}
    with closing(patient_client(url)) as client:
        roomy = {name: "1b" if "watermark" in name else value for name, value in full.items()}
        block = {"index": f"{settings.index_prefix}-*", "filter_path": "*.settings.index.blocks.read_only_allow_delete"}
        client.cluster.put_settings(persistent=full)
        try:
            until(lambda: client.indices.get_settings(**block).body, 0.5)
            yield lambda: client.cluster.put_settings(persistent=roomy)
        finally:
            client.cluster.put_settings(persistent=dict.fromkeys(full))


def test_a_busy_cluster_is_asked_again(elasticsearch: str, make_event: MakeEvent) -> None:
    first, second = _batches(make_event, 2)
    with installation(elasticsearch) as settings, closing(ElasticsearchEventStore(settings, "write")) as store:
        store.write(first)
        _limit_memory(elasticsearch, "5%")
        try:
            with pytest.raises(StoreError, match=r"the cluster is busy \(circuit_breaking_exception"):
                store.write(second)
        finally:
            _limit_memory(elasticsearch, None)
        result, _failures = _insist(lambda: store.write(second))
        assert (result.created, result.rejected) == (BATCH, [])
        assert _held(settings) == _once([*first, *second])


def _limit_memory(url: str, limit: str | None) -> None:
    """Let the node answer 429 to all but this setting."""
    changed = {"persistent": {"indices.breaker.total.limit": limit}}
    httpx.put(f"{url}/_cluster/settings", json=changed, timeout=PATIENCE_SECONDS).raise_for_status()


@pytest.mark.parametrize("cut", ["within what is asked", "before what is answered", "for a while"])
def test_a_line_cut_in_mid_bulk_costs_nothing(elasticsearch: str, make_event: MakeEvent, cut: str) -> None:
    batches = list(_batches(make_event, 6))
    with cut_line(elasticsearch) as line, installation(elasticsearch) as settings:
        through = settings.model_copy(update={"hosts": (line.url,), "writers": 1})
        with closing(ElasticsearchEventStore(through, "write")) as store:
            store.write(batches[0])
            for number, batch in enumerate(batches[1:]):
                if cut == "within what is asked":
                    line.cut_asking(1 + number, 60_000)
                elif cut == "before what is answered":
                    line.cut_answering(1 + number)
                else:
                    line.down = True
                    with pytest.raises(StoreError):
                        store.write(batch)
                    line.down = False
                result, _ = _insist(lambda batch=batch: store.write(batch))
                assert result.created + result.existing == BATCH
            assert line.cuts >= 5 or cut == "for a while"
        assert _held(settings) == _once([event for batch in batches for event in batch])


def test_a_differing_mapping_sets_aside_the_events_it_refuses_and_no_other(
    elasticsearch: str, make_event: MakeEvent
) -> None:
    secret = "4111111111111111"
    events = [make_event(n, moment_ms=1_700_000_000_000, source__port=int(secret)) for n in range(20)]
    events += [make_event(n, moment_ms=1_700_000_000_000) for n in range(20, 60)]
    with installation(elasticsearch) as settings:
        with closing(patient_client(elasticsearch)) as client:
            differing = {"properties": {"source.port": {"type": "ip"}}}
            client.indices.create(index=f"{settings.index_prefix}-standard-2023.11.14", mappings=differing)
        with closing(ElasticsearchEventStore(settings, "write")) as store:
            result = store.write(events)
            assert (result.created, [refused.index for refused in result.rejected]) == (40, list(range(20)))
            for refused in result.rejected:
                assert "failed to parse field [source.port] of type [ip]" in refused.detail
                assert secret not in refused.detail
        assert _held(settings) == _once(events[20:])


def _written(number: int) -> list[str]:
    return [str(event["event.id"]) for event in written_batch(number)]


def test_a_writer_killed_at_any_moment_makes_each_event_exactly_once(elasticsearch: str) -> None:
    chance = random.Random(7)
    with installation(elasticsearch) as settings:
        command = [sys.executable, str(writer_file), elasticsearch, settings.index_prefix]
        for _round in range(5):
            with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
                assert writer.stdout is not None
                assert writer.stdout.readline() == "open\n"
                acknowledged = [int(writer.stdout.readline()) for _batch in range(chance.randrange(BATCHES // 2))]
                time.sleep(chance.uniform(0, 0.05))  # into the next batch
                writer.send_signal(signal.SIGKILL)
                acknowledged += [int(line) for line in writer.stdout]
            held = _held(settings)
            assert {id_ for number in acknowledged for id_ in _written(number)} <= set(held)
            assert set(held.values()) <= {1}
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        assert _held(settings) == Counter({id_ for number in range(BATCHES) for id_ in _written(number)})
