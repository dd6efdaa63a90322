"""What a cluster has and lacks, found by asking it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from elasticsearch import ApiError, AuthorizationException, BadRequestError, Elasticsearch

_TIER_ROLES = {"warm": "data_warm", "cold": "data_cold"}
TIER_ATTRIBUTE = "data"
"""The attribute by which nodes without tier roles are told apart: ``node.attr.data: warm``."""
_BY_ROLE = "index.routing.allocation.include._tier_preference"
_BY_ATTRIBUTE = f"index.routing.allocation.require.{TIER_ATTRIBUTE}"


@dataclass(frozen=True, slots=True)
class Cluster:
    """A cluster as it is now.

    Attributes:
        version: of the node that answered.
        data_nodes: how many nodes hold data.
        compact_text: whether the type ``match_only_text`` is there; None where these credentials may not ask.
        secured: whether users and their privileges are checked.
        tiers: how indexes are sent to warm and cold nodes, by tier: the setting and its value.
        hot: where new indexes go, as settings, where there are nodes of other tiers.
    """

    version: str
    data_nodes: int
    compact_text: bool | None
    secured: bool
    tiers: dict[str, tuple[str, str]]
    hot: dict[str, str]

    def lacks(self, *, tiers_wanted: bool) -> list[str]:
        """What the cluster lacks, with what that means."""
        found = []
        if self.data_nodes < 2:  # noqa: PLR2004 (a copy needs another node)
            found.append("a second data node: no copies are kept, so the loss of the node's disk loses events")
        if not self.secured:
            found.append("security: anyone who reaches the cluster reads and deletes events; switch it on, with TLS")
        if self.compact_text is False:
            found.append("the type match_only_text: words in a row are found more slowly in raw records")
        if tiers_wanted and len(self.tiers) < len(_TIER_ROLES):
            missing = ", ".join(sorted(set(_TIER_ROLES) - set(self.tiers)))
            found.append(f"nodes of the tiers {missing} (roles, or node.attr.data): old days stay where they are")
        return found


def look_at(client: Elasticsearch) -> Cluster:
    """Ask a cluster what it has.

    Raises:
        ApiError: it refuses to tell.
    """
    nodes = client.nodes.info(metric="process", filter_path="nodes.*.roles,nodes.*.attributes")["nodes"]
    data = [node for node in nodes.values() if any(role.startswith("data") for role in node.get("roles", []))]
    version = str(client.info()["version"]["number"])
    return Cluster(
        version, len(data), _has_type(client, "match_only_text"), _is_secured(client), _tiers(data), _hot(data)
    )


def _tiers(nodes: list[dict[str, Any]]) -> dict[str, tuple[str, str]]:
    found = {}
    for tier, role in _TIER_ROLES.items():
        if any(role in node["roles"] and "data_hot" not in node["roles"] for node in nodes):
            found[tier] = (_BY_ROLE, f"{role},data_hot,data_content")
        elif any(_attribute(node) == tier for node in nodes):
            found[tier] = (_BY_ATTRIBUTE, tier)
    return found


def _hot(nodes: list[dict[str, Any]]) -> dict[str, str]:
    if any(_attribute(node) == "hot" for node in nodes):
        return {_BY_ATTRIBUTE: "hot"}
    return {_BY_ROLE: "data_hot,data_content"} if any("data_hot" in node["roles"] for node in nodes) else {}


def _attribute(node: dict[str, Any]) -> str | None:
    value = node.get("attributes", {}).get(TIER_ATTRIBUTE)
    return None if value is None else str(value)


def _has_type(client: Elasticsearch, name: str) -> bool | None:
    """Whether a field type is there: a template that names it can be tried out, by who may, without being kept."""
    template = {"mappings": {"properties": {"probe": {"type": name}}}}
    try:
        client.indices.simulate_template(index_patterns=["fengsui-probe-*"], template=template, priority=2**30)
    except BadRequestError:
        return False
    except AuthorizationException:
        return None
    return True


def _is_secured(client: Elasticsearch) -> bool:
    try:
        client.security.authenticate()
    except ApiError:
        return False
    return True
