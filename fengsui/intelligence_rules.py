"""Threat intelligence among the rules: what its alerts stand under, one entry for each type of indicator."""

from __future__ import annotations

from api.dependencies import RuleSummary
from detection.intelligence import IntelligencePolicy, load_intelligence_policy, rule_id_of


def intelligence_rules() -> list[RuleSummary]:
    """An entry for each type of indicator; it is part of the product, so there is no file to read and no switch.

    The level is the highest that its alerts take: each takes its own from its indicators' confidence.
    """
    policy = load_intelligence_policy()
    levels = sorted((each.level for each in policy.levels), key=lambda level: -level.severity)
    return [
        RuleSummary(
            id=rule_id_of(kind),
            title=said.title,
            level=levels[0].value,
            description=_description(policy, said.fields),
            logsource={"intelligence": kind.value},
            tags=tuple(said.tags),
        )
        for kind, said in policy.types.items()
    ]


def _description(policy: IntelligencePolicy, fields: list[str]) -> str:
    levels = ", ".join(f"{each.level.value} from a confidence of {each.confidence}" for each in policy.levels)
    return f"An event field holds the value of an active indicator ({levels}). Compared are: {', '.join(fields)}."
