"""Days that are over become one piece, one after another, and hold the same events; the present day is left alone."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from datetime import date, timedelta

import pytest
from elasticsearch import Elasticsearch

from store import ElasticsearchSettings, Window
from store.elasticsearch.store import ElasticsearchEventStore
from store.query import MatchAll
from store.retention import Merging
from tests.patience import until
from tests.servers.client import patient_client
from tests.store.conftest import POLICY, MakeEvent

from .installations import installation

FIRST = date(2023, 11, 15)
MERGING = replace(POLICY, merging=Merging(after_days=1, least_share=0.9))


def _pieces(client: Elasticsearch, settings: ElasticsearchSettings) -> list[int]:
    """How many pieces each day is in, oldest first."""
    client.indices.refresh(index=f"{settings.index_prefix}-*")
    found = client.indices.segments(index=f"{settings.index_prefix}-*")["indices"]
    return [found[name]["shards"]["0"][0]["num_search_segments"] for name in sorted(found)]


@pytest.mark.services
def test_days_that_are_over_are_merged_one_by_one_and_lose_nothing(elasticsearch: str, make_event: MakeEvent) -> None:
    events = [make_event(hour, message="x" * 50) for hour in range(2, 74)]  # three days
    with (
        installation(elasticsearch) as settings,
        closing(patient_client(elasticsearch)) as client,
        closing(ElasticsearchEventStore(settings, "write", MERGING)) as store,
    ):
        for start in range(3):
            store.write(events[start::3])
            assert store.search(MatchAll(), Window(), limit=1).total == 24 * (start + 1)  # shows them, as a piece
        store.apply_retention(FIRST + timedelta(days=1))
        assert min(_pieces(client, settings)) > 1

        def merged() -> bool:
            store.apply_retention(FIRST + timedelta(days=3))
            return _pieces(client, settings)[:2] == [1, 1]

        until(merged)
        assert _pieces(client, settings)[2] > 1
        late = make_event(3, moment_ms=1_700_010_000_000) | {"event.id": "late"}
        store.write([late])
        store.apply_retention(FIRST + timedelta(days=3))
        assert _pieces(client, settings)[:2] == [2, 1]
        found = store.search(MatchAll(), Window(), limit=100, order="oldest")
        assert sorted(found.events, key=str) == sorted([*events, late], key=str)
