"""Days go to the nodes of their age's tier, where there are such."""

from __future__ import annotations

from contextlib import closing
from datetime import date

import pytest
from elasticsearch import Elasticsearch

from store import ElasticsearchSettings, Window
from store.elasticsearch.store import ElasticsearchEventStore
from store.query import MatchAll
from tests.servers.client import SERVER_PATIENCE, patient_client
from tests.servers.elasticsearch import running_cluster
from tests.store.conftest import POLICY, MakeEvent

from .installations import installation, nodes_by_index


def _places(client: Elasticsearch, settings: ElasticsearchSettings) -> dict[str, str]:
    """The node of each day."""
    client.cluster.health(
        wait_for_no_relocating_shards=True,
        wait_for_status="yellow",
        wait_for_events="languid",
        timeout=SERVER_PATIENCE,
    )
    return {name.rpartition("-")[2]: node for name, node in nodes_by_index(client, settings).items()}


@pytest.mark.services
def test_old_days_move_to_warm_nodes_and_are_found_there(make_event: MakeEvent) -> None:
    with (
        running_cluster(2, tiers=("hot", "warm")) as cluster,
        installation(*cluster.urls, warm_after_days=2, replicas=0) as settings,
        closing(ElasticsearchEventStore(settings, "write", POLICY)) as store,
        closing(patient_client(*cluster.urls)) as client,
    ):
        events = [make_event(hour) for hour in range(2, 74)]  # three days
        store.write(events)
        assert _places(client, settings) == {"2023.11.15": "n1", "2023.11.16": "n1", "2023.11.17": "n1"}
        for _again in range(2):
            store.apply_retention(date(2023, 11, 18))
            assert _places(client, settings) == {"2023.11.15": "n2", "2023.11.16": "n2", "2023.11.17": "n1"}
        found = store.search(MatchAll(), Window(), limit=100)
        assert (len(found.events), found.incomplete) == (72, None)
        assert store.write(events).existing == 72
