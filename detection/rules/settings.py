"""A rule's settings under the key ``fengsui``: how its matches become alerts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from detection.rules.errors import RuleError
from detection.rules.policy_facts import PolicyFacts, parse_policy_facts
from detection.rules.rule_types import NewTerms, Threshold, duration_ms, parse_new_terms, parse_threshold

__all__ = ["RuleSettings", "duration_ms", "parse_settings"]


@dataclass(frozen=True, slots=True)
class RuleSettings:
    """What a rule says of its alerts; None leaves it to the policy.

    Attributes:
        entities: event fields whose values tell its alerts apart; those of its new terms or threshold by default.
        window_ms: length of the window of event time that one alert covers; that of its threshold by default.
        new_terms: the rule alerts only on what was not seen before.
        threshold: the rule alerts only on many matches.
        policy: the requirements that the rule serves, who answers for its findings, and what to do about them.
    """

    entities: tuple[str, ...] | None = None
    window_ms: int | None = None
    new_terms: NewTerms | None = None
    threshold: Threshold | None = None
    policy: PolicyFacts | None = None


def parse_settings(content: Mapping[str, object]) -> RuleSettings:
    """Read the settings of a rule document; other keys under ``fengsui`` are kept for whoever knows them.

    Raises:
        RuleError: a setting is not what it should be.
    """
    section = content.get("fengsui", {})
    if not isinstance(section, Mapping):
        raise RuleError("'fengsui' must be a map of settings", ("fengsui",))
    entities = section.get("entities")
    named = isinstance(entities, list) and entities and all(isinstance(name, str) for name in entities)
    if entities is not None and not named:
        raise RuleError("'entities' must be a list of event fields such as [source.ip]", ("fengsui", "entities"))
    try:
        window = duration_ms(section["window"]) if "window" in section else None
    except ValueError as error:
        raise RuleError(str(error), ("fengsui", "window")) from error
    settings = _with_type(section, tuple(entities) if isinstance(entities, list) else None, window)
    return replace(settings, policy=parse_policy_facts(section))


def _with_type(section: Mapping[str, object], entities: tuple[str, ...] | None, window: int | None) -> RuleSettings:
    if "new_terms" in section and "threshold" in section:
        raise RuleError("'new_terms' and 'threshold' can't be combined; make two rules", ("fengsui", "threshold"))
    if "new_terms" in section:
        new_terms = parse_new_terms(section["new_terms"], ("fengsui", "new_terms"))
        return RuleSettings(entities or new_terms.fields, window, new_terms)
    if "threshold" in section:
        threshold = parse_threshold(section["threshold"], ("fengsui", "threshold"))
        return RuleSettings(entities or threshold.fields, window or threshold.within_ms, None, threshold)
    return RuleSettings(entities, window)
