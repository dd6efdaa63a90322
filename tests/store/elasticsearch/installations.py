"""Installations in a cluster that tests share, each with a prefix of its own."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import closing, contextmanager

from elasticsearch import Elasticsearch

from store import ElasticsearchSettings, EventStore, StoragePolicy
from store.elasticsearch.installation import install
from store.elasticsearch.store import ElasticsearchEventStore


@contextmanager
def installation(*hosts: str, **settings: object) -> Iterator[ElasticsearchSettings]:
    """Settings of an installation of its own; in the end nothing of it is left."""
    chosen = ElasticsearchSettings.model_validate(
        {"hosts": hosts, "index_prefix": f"test-{secrets.token_hex(4)}", **settings}
    )
    install(chosen)
    yield chosen
    with closing(Elasticsearch(list(hosts))) as client:
        remove(client, chosen)


@contextmanager
def store_in_cluster(host: str, policy: StoragePolicy) -> Iterator[EventStore]:
    """An empty store."""
    with installation(host) as settings, closing(ElasticsearchEventStore(settings, "write", policy)) as store:
        yield store


def remove(client: Elasticsearch, settings: ElasticsearchSettings) -> None:
    """Take away the indexes and templates of an installation."""
    prefix = settings.index_prefix
    if names := list(client.indices.get(index=f"{prefix}-*", filter_path="*.aliases")):
        client.indices.delete(index=names)
    client.indices.delete_index_template(name=prefix)
    client.cluster.delete_component_template(name=[f"{prefix}-settings", f"{prefix}-mappings"])
