"""Answers that lack something say so, each page and each figure: indexes closed, nodes lost, time that ran out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import date, timedelta
from typing import Any

import pytest
from elasticsearch import Elasticsearch
from prometheus_client import CollectorRegistry

from events import Event
from fengsui.monitoring.records_figures import RecordsFigures
from store import ElasticsearchSettings, Page, QueryError, StoreError, Window
from store.elasticsearch.condition import condition_of
from store.elasticsearch.store import ElasticsearchEventStore
from store.event_store import EventStore
from store.query import MatchAll, parse_query
from store.records import RecordsDatabase
from tests.servers.client import SERVER_PATIENCE, patient_client
from tests.servers.elasticsearch import ElasticsearchCluster
from tests.store.conftest import BASE_MS, POLICY, MakeEvent

from .installations import installation, nodes_by_index

DAY_MS, DAYS, OF_A_DAY = 86_400_000, 3, 40
COUNT = {"kinds": {"terms": {"field": "event.dataset"}}}
HISTOGRAM = {"days": {"date_histogram": {"field": "@timestamp", "fixed_interval": "1d"}}}
SLOW_EVENTS, SLOW_WORDS = 5_000, 2_000
SLOW_QUERY = 'event.original:"a b"'
pytestmark = pytest.mark.services


def _events(make_event: MakeEvent) -> list[Event]:
    return [
        make_event(number, moment_ms=BASE_MS + number % DAYS * DAY_MS + number) for number in range(DAYS * OF_A_DAY)
    ]


def _ids(*pages: Page) -> list[str]:
    return sorted(str(event["event.id"]) for page in pages for event in page.events)


def _second_day(settings: ElasticsearchSettings) -> str:
    return f"{settings.index_prefix}-standard-2023.11.15"


def _rest(store: EventStore, page: Page) -> Iterator[Page]:
    while page.next_cursor:
        page = store.search(MatchAll(), Window(), limit=30, cursor=page.next_cursor)
        yield page


def _refuses_figures(store: EventStore, reason: str) -> None:
    for wanted in (COUNT, HISTOGRAM):
        with pytest.raises(StoreError, match=f"{reason}.*figures would be too low"):
            store.aggregate(MatchAll(), Window(), wanted)


def _is_told_of(settings: ElasticsearchSettings, store: EventStore, reason: str, events: list[int]) -> None:
    """What tells of the second day: the days, what Prometheus reads, and ``fengsui doctor``."""
    days = store.days()
    assert [(day.events, day.incomplete) for day in days] == [
        (number, reason if place == 1 else None) for place, number in enumerate(events)
    ]
    assert [day.day for day in days] == [date(2023, 11, day) for day in (14, 15, 16)]
    registry = CollectorRegistry()
    registry.register(RecordsFigures(RecordsDatabase("sqlite://"), store))
    figures = {sample.name: sample.value for family in registry.collect() for sample in family.samples}
    assert figures["fengsui_store_incomplete_indexes"] == 1
    assert (figures["fengsui_store_indexes"], figures["fengsui_store_events"]) == (DAYS, sum(events))
    assert f"searches lack events: {_second_day(settings)} is incomplete ({reason})" in condition_of(settings).broken


def test_a_closed_index_is_dropped_in_time_and_holds_no_other_up(elasticsearch: str, make_event: MakeEvent) -> None:
    events = [*_events(make_event), make_event(1_000, moment_ms=0)]
    with (
        installation(elasticsearch) as settings,
        closing(ElasticsearchEventStore(settings, "write", POLICY)) as store,
        closing(patient_client(elasticsearch)) as client,
    ):
        store.write(events)
        implausible = f"{settings.index_prefix}-standard-implausible"
        client.indices.close(index=[_second_day(settings), implausible])
        dropped = store.apply_retention(date(2023, 11, 16) + timedelta(days=180))
        assert [day.day for day in dropped] == [date(2023, 11, 14), date(2023, 11, 15)]
        assert [(day.day, day.events) for day in store.days()] == [(date(2023, 11, 16), OF_A_DAY), (None, 0)]
        client.indices.close(index=_second_day(settings).replace("11.15", "11.16"))
        assert [(day.events, day.incomplete is None) for day in store.days()] == [(0, False)] * 2
        client.indices.open(index=implausible)
        assert [day.events for day in store.days()] == [0, 1]


def test_an_index_that_someone_closed_is_told_of_until_it_is_opened(elasticsearch: str, make_event: MakeEvent) -> None:
    events = _events(make_event)
    with (
        installation(elasticsearch) as settings,
        closing(ElasticsearchEventStore(settings)) as store,
        closing(patient_client(elasticsearch)) as client,
    ):
        store.write(events)
        before = store.search(MatchAll(), Window(), limit=30)
        client.indices.close(index=_second_day(settings))
        page = store.search(MatchAll(), Window(), limit=30)
        assert (page.total, page.total_is_exact) == (2 * OF_A_DAY, False)
        assert f"{_second_day(settings)} is closed" in str(page.incomplete)
        only_it = store.search(MatchAll(), Window(BASE_MS + DAY_MS, BASE_MS + DAY_MS + 60_000))
        assert (only_it.events, only_it.total_is_exact) == ([], False)
        assert "is closed" in str(only_it.incomplete)
        assert store.search(MatchAll(), Window(BASE_MS, BASE_MS + 60_000)).incomplete is None
        assert all("is closed" in str(later.incomplete) for later in _rest(store, before))
        _refuses_figures(store, "is closed")
        for opened in (store, ElasticsearchEventStore(settings)):
            with pytest.raises(StoreError, match="index_closed_exception"):
                opened.write(events[:DAYS])
        with pytest.raises(StoreError, match="is closed; open it"):
            store.get([str(events[1]["event.id"])])
        _is_told_of(settings, store, "closed; open it in Elasticsearch", [OF_A_DAY, 0, OF_A_DAY])
        client.indices.open(index=_second_day(settings))
        assert [day.incomplete for day in store.days()] == [None] * DAYS
        assert (whole := store.search(MatchAll(), Window(), limit=1_000)).incomplete is None
        assert _ids(whole) == _ids(Page(events, None, 0))
        late = store.search(MatchAll(), Window(), limit=1_000, cursor=page.next_cursor)
        assert (late.total_is_exact, late.incomplete) == (False, "an earlier page of this search is partial")
        kinds: Any = store.aggregate(MatchAll(), Window(), COUNT)["kinds"]
        assert kinds["buckets"][0]["doc_count"] == len(events)


def test_a_day_whose_node_is_lost_is_told_of_and_comes_back_with_it(
    elasticsearch_cluster: ElasticsearchCluster, make_event: MakeEvent
) -> None:
    events = _events(make_event)
    with (
        installation(*elasticsearch_cluster.urls, replicas=0) as settings,
        closing(patient_client(*elasticsearch_cluster.urls)) as client,
    ):
        with closing(ElasticsearchEventStore(settings)) as store:
            store.write(events)
            _bind(client, settings)
        with closing(ElasticsearchEventStore(settings, "read")) as store:
            first, other = (store.search(MatchAll(), Window(), limit=30) for _ in range(2))
            assert first.incomplete is None
            elasticsearch_cluster.kill("n3")
            client.cluster.health(wait_for_nodes="2", wait_for_status="red", timeout=SERVER_PATIENCE)
            assert "1 of 3 shards" in str(store.search(MatchAll(), Window()).incomplete)
            pages = list(_rest(store, first))
            assert {page.total_is_exact for page in pages} == {False}
            assert all("1 of 3 shards" in str(page.incomplete) for page in pages)
            assert len(_ids(first, *pages)) < len(events)
            _refuses_figures(store, "1 of 3 shards")
            _is_told_of(settings, store, "a shard has no node; look at the cluster's nodes", [OF_A_DAY, 0, OF_A_DAY])
            with pytest.raises(StoreError, match="no_shard_available"):
                store.search(MatchAll(), Window(BASE_MS + DAY_MS, BASE_MS + DAY_MS + 60_000))
            with pytest.raises(StoreError, match="1 of 3 shards"):
                store.get([str(events[1]["event.id"])])
            elasticsearch_cluster.restore()
            client.cluster.health(wait_for_status="green", timeout=SERVER_PATIENCE)
            pages = list(_rest(store, other))
            assert {page.incomplete for page in pages} == {None}
            assert _ids(other, *pages) == _ids(Page(events, None, 0))


def _bind(client: Elasticsearch, settings: ElasticsearchSettings) -> None:
    """Put one day on n3, the others elsewhere."""
    name = "index.routing.allocation"
    client.indices.put_settings(index=f"{settings.index_prefix}-*", settings={f"{name}.exclude._name": "n3"})
    bound = {f"{name}.exclude._name": None, f"{name}.require._name": "n3"}
    client.indices.put_settings(index=_second_day(settings), settings=bound)
    client.cluster.health(wait_for_no_relocating_shards=True, wait_for_events="languid", timeout=SERVER_PATIENCE)
    assert [day for day, node in nodes_by_index(client, settings).items() if node == "n3"] == [_second_day(settings)]


def test_a_search_that_takes_too_long_says_so_and_figures_are_refused(
    elasticsearch: str, make_event: MakeEvent
) -> None:
    text = "a " * SLOW_WORDS + "b"  # words in a row are tried at each place where the first one stands
    events = [make_event(number, moment_ms=BASE_MS + number, event__original=text) for number in range(SLOW_EVENTS)]
    query = parse_query(SLOW_QUERY)
    with installation(elasticsearch) as settings:
        with closing(ElasticsearchEventStore(settings)) as store:
            store.write(events)
            assert store.search(query, Window(BASE_MS, BASE_MS + 100)).total == 100
        hasty = settings.model_copy(update={"search_seconds": 0.001})
        with closing(ElasticsearchEventStore(hasty, "read")) as store:
            page = store.search(query, Window(), limit=10)
            assert page.total < SLOW_EVENTS
            assert not page.total_is_exact
            assert "took more than 0.001 s; narrow the range" in str(page.incomplete)
            for wanted in (COUNT, HISTOGRAM):
                with pytest.raises(QueryError, match=r"took more than 0\.001 s.*figures would be too low"):
                    store.aggregate(query, Window(), wanted)
