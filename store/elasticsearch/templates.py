"""The templates of an installation: what every new index is made by, and what they were made from."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from elasticsearch import Elasticsearch, NotFoundError

from events import FieldType
from store.elasticsearch.cluster import Cluster
from store.elasticsearch.mapping import build_analysis, build_mapping
from store.elasticsearch.settings import ElasticsearchSettings

MAX_PAGE = 10_000
_PRIORITY = 500
_LONGEST_EXPRESSION = 10_000
_MOST_HITS = 1_000


@dataclass(frozen=True, slots=True)
class Installed:
    """A template, and what became of it: ``created``, ``changed`` or ``unchanged``."""

    name: str
    outcome: str


def install_templates(
    client: Elasticsearch, settings: ElasticsearchSettings, types: Mapping[str, FieldType], cluster: Cluster
) -> list[Installed]:
    """Bring the templates to what this version wants; those that are so already are left alone.

    Raises:
        ApiError: the cluster refuses.
    """
    prefix, parts, done = settings.index_prefix, _parts(settings, types, cluster), []
    for name, template in parts.items():
        digest = _digest(template)
        outcome = _outcome(_component(client, name), digest)
        if outcome != "unchanged":
            client.cluster.put_component_template(name=name, template=template, meta={"digest": digest})
        done.append(Installed(name, outcome))
    body = _body(prefix, parts)
    digest = _digest(body)
    outcome = _outcome(_index_template(client, prefix), digest)
    if outcome != "unchanged":
        client.indices.put_index_template(name=prefix, **body, meta={"digest": digest})
    return [*done, Installed(prefix, outcome)]


def is_installed(
    client: Elasticsearch, settings: ElasticsearchSettings, types: Mapping[str, FieldType], cluster: Cluster
) -> bool:
    """Whether ``install_templates`` would change nothing.

    Raises:
        ApiError: the cluster refuses.
    """
    prefix, parts = settings.index_prefix, _parts(settings, types, cluster)
    found = [_outcome(_component(client, name), _digest(template)) for name, template in parts.items()]
    found.append(_outcome(_index_template(client, prefix), _digest(_body(prefix, parts))))
    return set(found) == {"unchanged"}


def _parts(settings: ElasticsearchSettings, types: Mapping[str, FieldType], cluster: Cluster) -> dict[str, Any]:
    """The component templates."""
    fields = {
        "settings": {"analysis": build_analysis()},
        "mappings": build_mapping(types, compact_text=bool(cluster.compact_text)),
    }
    prefix = settings.index_prefix
    return {f"{prefix}-settings": {"settings": index_settings(settings, cluster)}, f"{prefix}-mappings": fields}


def _body(prefix: str, parts: Mapping[str, Any]) -> dict[str, Any]:
    """The index template."""
    return {"index_patterns": [f"{prefix}-*"], "composed_of": list(parts), "priority": _PRIORITY}


def index_settings(settings: ElasticsearchSettings, cluster: Cluster) -> dict[str, Any]:
    """The settings of an index: what was written is on the disk of every copy before it is acknowledged."""
    copies: dict[str, Any] = {"auto_expand_replicas": "0-1"}
    if settings.replicas is not None:
        copies = {"number_of_replicas": settings.replicas}
    tiered = cluster.hot if settings.warm_after_days or settings.cold_after_days else {}
    return {
        "index": {
            "number_of_shards": settings.shards,
            **copies,
            "codec": "best_compression",
            "translog": {"durability": "request"},
            "max_result_window": MAX_PAGE + 1,
            "max_inner_result_window": _MOST_HITS,
            "max_regex_length": _LONGEST_EXPRESSION,
        },
        **tiered,
    }


def _outcome(found: dict[str, Any] | None, digest: str) -> str:
    if found is None:
        return "created"
    return "unchanged" if found.get("_meta", {}).get("digest") == digest else "changed"


def _component(client: Elasticsearch, name: str) -> dict[str, Any] | None:
    try:
        answer = client.cluster.get_component_template(name=name)
    except NotFoundError:
        return None
    template: dict[str, Any] = answer["component_templates"][0]["component_template"]
    return template


def _index_template(client: Elasticsearch, name: str) -> dict[str, Any] | None:
    try:
        answer = client.indices.get_index_template(name=name)
    except NotFoundError:
        return None
    template: dict[str, Any] = answer["index_templates"][0]["index_template"]
    return template


def _digest(content: Mapping[str, Any]) -> str:
    return hashlib.blake2b(orjson.dumps(content, option=orjson.OPT_SORT_KEYS), digest_size=8).hexdigest()
