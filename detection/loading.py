"""Rules ready to be matched: read, and checked against what the routing policy covers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from detection.correlation.resolution import resolve_correlations
from detection.routing import RoutingPolicy, load_routing_policy, sources_of
from detection.rules import RuleSet, UnsupportedRule, read_rules
from detection.rules.placeholders import load_placeholders


def load_rules(
    paths: Iterable[Path],
    placeholders: Mapping[str, Sequence[str]] | None = None,
    policy: RoutingPolicy | None = None,
) -> RuleSet:
    """Load every rule of the files and folders.

    Args:
        paths: files, or folders searched for ``.yml`` and ``.yaml`` files at any depth.
        placeholders: values for ``%name%`` in items with the modifier ``expand``; the site's own by default.
        policy: which logsources are known; the product's own by default.

    Nothing is raised for a broken rule or an unknown logsource: it is listed in ``RuleSet.unsupported`` with its
    file, line and reason.
    """
    sources = (policy or load_routing_policy()).sources
    rule_set = read_rules(paths, load_placeholders() if placeholders is None else placeholders)
    routed = [rule for rule in rule_set.rules if sources_of(rule.logsource, sources)]
    kept = set(routed)
    unrouted = [
        UnsupportedRule(
            rule.id,
            rule.path,
            rule.line,
            f"logsource {rule.logsource} is unknown; correct it or add it to policies/detection/logsources.yml",
        )
        for rule in rule_set.rules
        if rule not in kept
    ]
    correlations, unresolved = resolve_correlations(rule_set.documents, routed)
    return RuleSet(routed, rule_set.unsupported + unrouted + unresolved, (), correlations)
