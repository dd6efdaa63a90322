"""Answers that lack something say so, each page and each figure: indexes closed, nodes lost, time that ran out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest
from elasticsearch import Elasticsearch

from events import Event
from store import ElasticsearchSettings, Page, QueryError, StoreError, Window
from store.elasticsearch.store import ElasticsearchEventStore
from store.event_store import EventStore
from store.query import MatchAll, parse_query
from tests.servers.client import SERVER_PATIENCE, patient_client
from tests.servers.elasticsearch import ElasticsearchCluster
from tests.store.conftest import BASE_MS, MakeEvent

from .installations import installation

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
        client.indices.open(index=_second_day(settings))
        assert (whole := store.search(MatchAll(), Window(), limit=1_000)).incomplete is None
        assert _ids(whole) == _ids(Page(events, None, 0))
        late = store.search(MatchAll(), Window(), limit=1_000, cursor=page.next_cursor)
        assert (late.total_is_exact, late.incomplete) == (False, "an earlier page of this search is partial")
        assert store.aggregate(MatchAll(), Window(), COUNT)["kinds"]["buckets"][0]["doc_count"] == len(events)  # type: ignore[index]


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
    shards = client.cat.shards(index=f"{settings.index_prefix}-*", h="index,node", format="json")
    assert {each["index"]: each["node"] == "n3" for each in shards} == {  # type: ignore[index]
        each["index"]: each["index"] == _second_day(settings)  # type: ignore[index]
        for each in shards
    }


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
