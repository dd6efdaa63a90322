"""How a cluster is at present: whether it answers, is whole, has what this version needs, and room on its disks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from elasticsearch import Elasticsearch

from events import field_table
from store.elasticsearch.catalog import Catalog
from store.elasticsearch.cluster import Cluster, look_at
from store.elasticsearch.connection import Connection
from store.elasticsearch.freshness import Unseen
from store.elasticsearch.inventory import Inventory
from store.elasticsearch.settings import ElasticsearchSettings
from store.elasticsearch.templates import is_installed

_PATIENCE_SECONDS = 10.0
_SHOWN = 3
_WATERMARKS = "cluster.routing.allocation.disk"
_UNITS = {unit: 1024**power for power, unit in enumerate(("b", "kb", "mb", "gb", "tb", "pb"))}
_SIZE = re.compile(r"([0-9.]+)(b|kb|mb|gb|tb|pb)")


@dataclass(frozen=True, slots=True)
class Condition:
    """A cluster that answers.

    Attributes:
        summary: version, health and nodes, in a line.
        broken: what keeps events from being written or found.
        lacks: what is missing without that.
    """

    summary: str
    broken: list[str]
    lacks: list[str]


def condition_of(settings: ElasticsearchSettings) -> Condition:
    """Ask a cluster how it is.

    Raises:
        StoreError: it doesn't answer, has another version or refuses; says what to do.
    """
    patience = min(settings.request_seconds, _PATIENCE_SECONDS)
    patient = settings.model_copy(update={"request_seconds": patience})
    with closing(Connection(patient)) as connection, connection.telling():
        return _looked_at(connection, settings)


def _looked_at(connection: Connection, settings: ElasticsearchSettings) -> Condition:
    client = connection.client
    cluster, health = look_at(client), client.cluster.health().body
    summary = f"Elasticsearch {cluster.version}, {health['status']}, {cluster.data_nodes} data nodes"
    broken = [*_unwhole(health, "red"), *_silent(connection, settings)]
    broken += [*_unprepared(client, settings, cluster), *_full_disks(client)]
    wants_tiers = bool(settings.warm_after_days or settings.cold_after_days)
    return Condition(summary, broken, [*_unwhole(health, "yellow"), *cluster.lacks(tiers_wanted=wants_tiers)])


def _unwhole(health: Mapping[str, Any], status: str) -> Iterator[str]:
    if health["status"] == status:
        what = "parts of indexes are missing" if status == "red" else "some copies are missing"
        yield f"{what} ({health['unassigned_shards']} shards have no node); look at the cluster's nodes"


def _silent(connection: Connection, settings: ElasticsearchSettings) -> Iterator[str]:
    """The indexes of this installation of which searches find nothing, or not all."""
    catalog = Catalog(connection, settings)
    incomplete = Inventory(connection, catalog, Unseen(connection, catalog)).incomplete()
    for name, reason in [*incomplete.items()][:_SHOWN]:
        yield f"searches lack events: {name} is incomplete ({reason})"
    if len(incomplete) > _SHOWN:
        yield f"and so are {len(incomplete) - _SHOWN} other indexes"


def _unprepared(client: Elasticsearch, settings: ElasticsearchSettings, cluster: Cluster) -> Iterator[str]:
    if cluster.compact_text is not None and not is_installed(client, settings, field_table().types, cluster):
        yield "the index templates are missing or of another version; run `fengsui store init`"


def _full_disks(client: Elasticsearch) -> Iterator[str]:
    """The nodes that have less room than Elasticsearch wants before it moves shards away, or blocks writing."""
    told = client.cluster.get_settings(include_defaults=True, flat_settings=True)
    rules = {**told["defaults"], **told["persistent"], **told["transient"]}
    if str(rules.get(f"{_WATERMARKS}.threshold_enabled")).lower() == "false":
        return
    disks = client.nodes.stats(metric="fs", filter_path="nodes.*.name,nodes.*.fs.total")["nodes"].values()
    for disk in disks:
        total, free = disk["fs"]["total"]["total_in_bytes"], disk["fs"]["total"]["available_in_bytes"]
        for level in ("flood_stage", "high"):
            if free < _least_free(rules, level, total):
                yield f"{disk['name']}: {free / 1024**3:.1f} GiB free, beyond the {level} watermark; make room there"
                break


def _least_free(rules: Mapping[str, str], level: str, total: int) -> float:
    """Bytes that must be free: a size, or what a used share leaves, of large disks no more than a size."""
    watermark = rules[f"{_WATERMARKS}.watermark.{level}"]
    if (size := _bytes(watermark)) is not None:
        return size
    share = float(watermark.rstrip("%")) / (100 if watermark.endswith("%") else 1)
    most = _bytes(rules.get(f"{_WATERMARKS}.watermark.{level}.max_headroom", ""))
    left = total * (1 - share)
    return left if most is None else min(left, most)


def _bytes(text: str) -> float | None:
    found = _SIZE.fullmatch(text.lower())
    return float(found[1]) * _UNITS[found[2]] if found else None
