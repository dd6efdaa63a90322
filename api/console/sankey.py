"""What the browser draws of flows: units that take, resources, units that provide; as wide as what was taken."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from api.console.data_words import DataWords
from api.flow_totals import FlowTotal

_MOST_RESOURCES = 24
_OTHERS = "others"


def sankey(
    totals: Sequence[FlowTotal], measure: str, words: DataWords, names: Mapping[str, Mapping[str, str]]
) -> dict[str, Any]:
    """Nodes and links; each link has the rank of its grade, None for what is not graded.

    Args:
        totals: what flowed.
        measure: ``records``, ``subjects`` or ``flows``: what the widths are.
        words: for what nobody registered.
        names: ``units`` and ``resources`` by id, and ``providers``: the providing unit's id by the resource's.
    """
    units, resources, providers = names["units"], names["resources"], names["providers"]
    shown = _largest(totals, measure)
    links: dict[tuple[str, str, str], int] = defaultdict(int)
    labels: dict[str, tuple[str, int]] = {}
    for each in totals:
        resource = each.resource if each.resource in shown else _OTHERS
        provider = providers.get(each.resource, "") if resource != _OTHERS else ""
        amount = getattr(each, measure)
        if not amount:
            continue
        consumer_key, resource_key = f"c:{each.consumer_unit}", f"r:{resource}"
        labels[consumer_key] = (units.get(each.consumer_unit) or words.flow_word(each.consumer_unit), 0)
        labels[resource_key] = (resources.get(resource) or words.flow_word(resource), 1)
        links[consumer_key, resource_key, each.grade] += amount
        if provider:
            labels[f"p:{provider}"] = (units.get(provider, provider), 2)
            links[resource_key, f"p:{provider}", each.grade] += amount
    return {
        "nodes": [{"name": key, "label": label, "depth": depth} for key, (label, depth) in labels.items()],
        "links": [
            {"source": source, "target": target, "value": value, "rank": words.rank(grade), "grade": words.grade(grade)}
            for (source, target, grade), value in links.items()
        ],
    }


def _largest(totals: Sequence[FlowTotal], measure: str) -> set[str]:
    """The resources of which the most was taken; the others are drawn together."""
    amounts: dict[str, int] = defaultdict(int)
    for each in totals:
        amounts[each.resource] += getattr(each, measure)
    return set(sorted(amounts, key=lambda name: (-amounts[name], name))[:_MOST_RESOURCES])
