"""Brings a cluster to what this version needs: its templates, and what it lacks."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass

from events import field_table
from store.elasticsearch.cluster import Cluster, look_at
from store.elasticsearch.connection import Connection
from store.elasticsearch.settings import ElasticsearchSettings
from store.elasticsearch.templates import Installed, install_templates
from store.errors import StoreError


@dataclass(frozen=True, slots=True)
class Installation:
    """What was done to a cluster, and what it is like.

    Attributes:
        cluster: what it has.
        templates: what became of each template.
        lacks: what it lacks, with what that means.
    """

    cluster: Cluster
    templates: list[Installed]
    lacks: list[str]


def install(settings: ElasticsearchSettings) -> Installation:
    """Create or migrate the templates; may be called as often as wanted.

    A day's index is made by the templates of its time and keeps its fields; searches know the fields of each.

    Raises:
        StoreError: the cluster doesn't answer, has another version or refuses.
    """
    with closing(Connection(settings)) as connection, connection.telling():
        cluster = look_at(connection.client)
        if cluster.compact_text is None:
            raise StoreError(
                f"{connection.where}: the credentials don't allow this; give them the privilege manage_index_templates"
            )
        templates = install_templates(connection.client, settings, field_table().types, cluster)
        wants_tiers = bool(settings.warm_after_days or settings.cold_after_days)
        return Installation(cluster, templates, cluster.lacks(tiers_wanted=wants_tiers))
