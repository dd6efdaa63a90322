"""Proposes the level of an incident from facts, with reasons, by ``policies/incidents/levels.yml``."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Literal, Self

from pydantic import Field, model_validator

from incidents.vocabulary import BusinessLoss, Importance, IncidentLevel, SocialHarm
from incidents.wording import Label, PolicyModel
from policies import load_policy

ThresholdFact = Literal[
    "persons", "loss_yuan", "people_affected", "infrastructure_minutes", "portal_minutes", "tampered_home_minutes"
]
_Figure = Field(0, ge=0, le=10**15)


class IncidentFacts(PolicyModel):
    """What is known of an incident's weight; figures are 0 as long as nothing is known.

    Attributes:
        importance: of what is affected; None takes what the registry says of the system.
        persons: whose information is affected.
        loss_yuan: direct loss, in yuan.
        people_affected: whose life or work is affected.
        infrastructure_minutes: that critical infrastructure was down as a whole.
        portal_minutes: that a government portal was down.
        tampered_home_minutes: that a home page was tampered with.
    """

    importance: Importance | None = None
    business_loss: BusinessLoss = BusinessLoss.MINOR
    social_harm: SocialHarm = SocialHarm.GENERAL
    persons: int = _Figure
    loss_yuan: int = _Figure
    people_affected: int = _Figure
    infrastructure_minutes: int = _Figure
    portal_minutes: int = _Figure
    tampered_home_minutes: int = _Figure


class Threshold(PolicyModel):
    """From which figure on a fact gives a level; ``confirmed`` is whether the figure is of the final text."""

    fact: ThresholdFact
    label: Label
    at_least: int = Field(gt=0)
    level: IncidentLevel
    confirmed: bool


class ImportancePolicy(PolicyModel):
    """How important a system is by its registration."""

    critical_infrastructure: Importance
    by_protection_level: dict[int, Importance]
    otherwise: Importance


class LevelPolicy(PolicyModel):
    """Levels by importance and loss, by harm, and by figures."""

    levels: dict[IncidentLevel, Label]
    matrix: dict[Importance, dict[BusinessLoss, IncidentLevel]]
    harm: dict[SocialHarm, IncidentLevel]
    thresholds: tuple[Threshold, ...]
    importance: ImportancePolicy

    @model_validator(mode="after")
    def _complete(self) -> Self:
        whole = self.matrix.keys() == set(Importance) and all(
            row.keys() == set(BusinessLoss) for row in self.matrix.values()
        )
        if not whole or self.harm.keys() != set(SocialHarm) or self.levels.keys() != set(IncidentLevel):
            raise ValueError("levels, matrix and harm must name every value once; add what is missing")
        return self

    def importance_of(self, level: int | None, *, is_critical: bool) -> Importance:
        """The importance of a system of a protection level (等保)."""
        if is_critical:
            return self.importance.critical_infrastructure
        return self.importance.by_protection_level.get(level or 0, self.importance.otherwise)


@dataclass(frozen=True, slots=True)
class LevelReason:
    """One thing that gives a level: ``rule`` is ``matrix``, ``harm`` or the name of a fact, ``values`` what it met."""

    rule: str
    level: IncidentLevel
    values: dict[str, str | int | bool]

    def document(self) -> dict[str, object]:
        """The reason as plain JSON values."""
        return {"rule": self.rule, "level": int(self.level), "values": dict(self.values)}


@dataclass(frozen=True, slots=True)
class LevelProposal:
    """The proposed level and every reason that gives it."""

    level: IncidentLevel
    reasons: tuple[LevelReason, ...]


@cache
def level_policy() -> LevelPolicy:
    """The shipped levels."""
    return load_policy("incidents/levels.yml", LevelPolicy)


def propose_level(facts: IncidentFacts, importance: Importance) -> LevelProposal:
    """The most severe level that importance and loss, harm, or a figure gives; ``facts.importance`` wins if set."""
    policy, weighed = level_policy(), facts.importance or importance
    reasons = [
        LevelReason(
            "matrix",
            policy.matrix[weighed][facts.business_loss],
            {"importance": weighed.value, "business_loss": facts.business_loss.value},
        ),
        LevelReason("harm", policy.harm[facts.social_harm], {"social_harm": facts.social_harm.value}),
        *(_by_threshold(facts, each) for each in policy.thresholds if getattr(facts, each.fact) >= each.at_least),
    ]
    level = min(reason.level for reason in reasons)
    return LevelProposal(level, tuple(reason for reason in reasons if reason.level == level))


def _by_threshold(facts: IncidentFacts, threshold: Threshold) -> LevelReason:
    values: dict[str, str | int | bool] = {
        "figure": getattr(facts, threshold.fact),
        "at_least": threshold.at_least,
        "confirmed": threshold.confirmed,
    }
    return LevelReason(threshold.fact, threshold.level, values)
