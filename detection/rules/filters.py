"""Sigma filters: conditions added to rules without touching them (Sigma filters specification 2.1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from detection.rules.detection import parse_detection
from detection.rules.errors import RuleError
from detection.rules.expression import All, Expression
from detection.rules.metadata import logsource_of
from detection.rules.modifiers import Placeholders
from detection.rules.rule import Detection, LogSource, Rule

ANY_RULE = "any"


@dataclass(frozen=True, slots=True)
class RuleFilter:
    """A condition that must hold beside the rules' own.

    Attributes:
        rules: ids or names of the rules meant; None means every rule of the logsource.
        logsource: only rules whose logsource says the same in every part that this one sets.
    """

    rules: tuple[str, ...] | None
    logsource: LogSource
    expression: Expression


def parse_filter(content: Mapping[str, object], placeholders: Placeholders) -> RuleFilter:
    """Read a filter document.

    Raises:
        RuleError: it is not a valid filter.
    """
    section = content["filter"]
    if not isinstance(section, Mapping) or "rules" not in section:
        raise RuleError(
            "a filter needs 'rules' (a list of ids or names, or 'any'), selections, a condition", ("filter",)
        )
    rules = section["rules"]
    names: tuple[str, ...] | None
    if isinstance(rules, str):
        names = None if rules == ANY_RULE else (rules,)
    elif isinstance(rules, list) and rules:
        names = tuple(str(each) for each in rules)
    else:
        raise RuleError("'rules' must be a list of ids or names, or 'any'", ("filter", "rules"))
    return RuleFilter(names, logsource_of(content), parse_detection(section, placeholders, ("filter",)))


def apply_filters(rules: dict[str, Rule], rule_filter: RuleFilter) -> None:
    """Put the filter's condition beside that of every rule it means, in place.

    Raises:
        RuleError: the filter names a rule that is not loaded, or means none; the others have been filtered.
    """
    meant = [rule for rule in rules.values() if _means(rule_filter, rule)]
    for rule in meant:
        rules[rule.id] = replace(rule, detection=Detection(All((rule.expression, rule_filter.expression))))
    reached = {rule.id for rule in meant} | {rule.name for rule in meant if rule.name}
    missing = [name for name in rule_filter.rules or () if name not in reached]
    if missing or not meant:
        named = ", ".join(missing) or "any rule of its logsource"
        raise RuleError(f"the filter means {named}, which is not loaded or has another logsource", ("filter", "rules"))


def _means(rule_filter: RuleFilter, rule: Rule) -> bool:
    if rule_filter.rules is not None and not {rule.id, rule.name}.intersection(rule_filter.rules):
        return False
    wanted, given = rule_filter.logsource, rule.logsource
    pairs = ((wanted.product, given.product), (wanted.category, given.category), (wanted.service, given.service))
    return all(part is None or part == own for part, own in pairs)
