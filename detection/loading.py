"""Rules ready to be matched: read, and checked against what the routing policy covers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from detection.correlation.resolution import resolve_correlations
from detection.routing import RoutingPolicy, load_routing_policy, sources_of
from detection.rules import FileReading, ReadingCache, Rule, RuleSet, UnsupportedRule, put_together, read_files
from detection.rules.placeholders import load_placeholders


def load_rules(
    paths: Iterable[Path],
    placeholders: Mapping[str, Sequence[str]] | None = None,
    policy: RoutingPolicy | None = None,
    cache: ReadingCache | None = None,
) -> RuleSet:
    """Load every rule of the files and folders.

    Args:
        paths: files, or folders searched for ``.yml`` and ``.yaml`` files at any depth.
        placeholders: values for ``%name%`` in items with the modifier ``expand``; the site's own by default.
        policy: which logsources are known; the product's own by default.
        cache: where files that were read before are looked up by their content.

    Nothing is raised for a broken rule or an unknown logsource: it is listed in ``RuleSet.unsupported`` with its
    file, line and reason.
    """
    values = load_placeholders() if placeholders is None else placeholders
    return rules_of(read_files(paths, values, cache), policy)


def rules_of(readings: Iterable[FileReading], policy: RoutingPolicy | None = None) -> RuleSet:
    """All that files hold, put together: filters applied, references looked up, logsources checked."""
    rule_set = put_together(readings)
    routed, unrouted = _apart(rule_set.rules, policy or load_routing_policy())
    correlations, unresolved = resolve_correlations(rule_set.documents, routed)
    return RuleSet(routed, [*rule_set.unsupported, *unrouted, *unresolved], (), correlations)


def _apart(rules: Sequence[Rule], policy: RoutingPolicy) -> tuple[list[Rule], list[UnsupportedRule]]:
    """The rules whose logsource the policy knows, and the others as problems."""
    logsources = {rule.logsource for rule in rules}
    known = {logsource for logsource in logsources if sources_of(logsource, policy.sources)}
    reason = "is unknown; correct it or add it to policies/detection/logsources.yml"
    return [rule for rule in rules if rule.logsource in known], [
        UnsupportedRule(rule.id, rule.path, rule.line, f"logsource {rule.logsource} {reason}")
        for rule in rules
        if rule.logsource not in known
    ]
