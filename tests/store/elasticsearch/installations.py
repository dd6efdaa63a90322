"""Installations in a cluster that tests share, each with a prefix of its own."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

from elasticsearch import Elasticsearch

from store import ElasticsearchSettings, EventStore, StoragePolicy
from store.elasticsearch.installation import install
from store.elasticsearch.store import ElasticsearchEventStore
from tests.servers.client import patient_client


@contextmanager
def installation(*hosts: str, **settings: object) -> Iterator[ElasticsearchSettings]:
    """Settings of an installation of its own; in the end nothing of it is left."""
    chosen = ElasticsearchSettings.model_validate(
        {"hosts": hosts, "index_prefix": f"test-{secrets.token_hex(4)}", **settings}
    )
    install(chosen)
    yield chosen
    with closing(patient_client(*hosts)) as client:
        remove(client, chosen)


@contextmanager
def empty_store(settings: ElasticsearchSettings, policy: StoragePolicy) -> Iterator[EventStore]:
    """A store whose indexes are gone in the end; its templates stay for the next one."""
    with closing(ElasticsearchEventStore(settings, "write", policy)) as store:
        yield store
    with closing(patient_client(*settings.hosts)) as client:
        _remove_indexes(client, settings)


@contextmanager
def store_in_cluster(host: str, policy: StoragePolicy) -> Iterator[EventStore]:
    """An empty store in an installation of its own."""
    with installation(host) as settings, empty_store(settings, policy) as store:
        yield store


def nodes_by_index(client: Elasticsearch, settings: ElasticsearchSettings) -> dict[str, str]:
    """The node of each index, where these have one shard and no copies."""
    shards: Any = client.cat.shards(index=f"{settings.index_prefix}-*", h="index,node", format="json")
    return {shard["index"]: shard["node"] for shard in shards}


def remove(client: Elasticsearch, settings: ElasticsearchSettings) -> None:
    """Take away the indexes and templates of an installation."""
    _remove_indexes(client, settings)
    prefix = settings.index_prefix
    client.indices.delete_index_template(name=prefix)
    client.cluster.delete_component_template(name=[f"{prefix}-settings", f"{prefix}-mappings"])


def _remove_indexes(client: Elasticsearch, settings: ElasticsearchSettings) -> None:
    if names := list(client.indices.get(index=f"{settings.index_prefix}-*", filter_path="*.aliases")):
        client.indices.delete(index=names)
