"""A loaded rule by its id, and its own text."""

from __future__ import annotations

from api.dependencies import ApiDependencies
from api.problems import not_found
from detection import Rule
from detection.correlation import CorrelationRule
from detection.tuning import as_rule

_LONGEST_SOURCE = 1 << 16


def loaded_rule(dependencies: ApiDependencies, rule_id: str) -> Rule | None:
    """The rule of an id; None where there is none, or none that can be evaluated.

    A correlation is given as a rule over its own matches.
    """
    correlation = loaded_correlation(dependencies, rule_id)
    if correlation is not None:
        return as_rule(correlation)
    return next((rule for rule in dependencies.loaded_rules() if rule.id == rule_id), None)


def loaded_correlation(dependencies: ApiDependencies, rule_id: str) -> CorrelationRule | None:
    """The correlation of an id; None where there is none that can be evaluated."""
    return next((each for each in dependencies.correlations() if each.id == rule_id), None)


def rule_or_problem(dependencies: ApiDependencies, rule_id: str) -> Rule:
    """The rule of an id.

    Raises:
        ProblemError: there is none that can be evaluated.
    """
    rule = loaded_rule(dependencies, rule_id)
    if rule is None:
        raise not_found("rule", "There is no rule of this id that can be evaluated; see the list of rules")
    return rule


def rule_source(rule: Rule) -> str | None:
    """The YAML of a rule's document, without those beside it in the file; None when the file is gone."""
    try:
        lines = rule.path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError):
        return None
    start = rule.line - 1
    end = next(
        (number for number in range(start, len(lines)) if number > start and lines[number].startswith("---")), None
    )
    return "\n".join(lines[start:end])[:_LONGEST_SOURCE]
