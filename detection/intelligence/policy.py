"""The shape of the threat-intelligence policy (``policies/detection/intelligence.yml``)."""

from __future__ import annotations

from functools import cache
from typing import Annotated
from uuid import NAMESPACE_URL, uuid5

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from detection.intelligence.values import IndicatorType
from detection.rules import Level
from detection.rules.settings import duration_ms
from policies import load_policy

Milliseconds = Annotated[int, BeforeValidator(duration_ms)]
Confidence = Annotated[int, Field(ge=0, le=100)]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ImportLimits(_Strict):
    """What one import may hold; sizes in bytes and characters, ``time`` in milliseconds."""

    bytes: int = Field(gt=0)
    indicators: int = Field(gt=0)
    value: int = Field(gt=0)
    pattern: int = Field(gt=0)
    nesting: int = Field(gt=0, le=200)
    time: Milliseconds
    problems: int = Field(gt=0)


class WidestNetwork(_Strict):
    """The shortest prefixes taken."""

    v4: int = Field(ge=1, le=32)
    v6: int = Field(ge=1, le=128)


class SearchPolicy(_Strict):
    """How the store is searched in retrospect; ``turn`` in milliseconds."""

    indicators: int = Field(gt=0, le=500)
    events: int = Field(gt=0, le=10_000)
    turn: Milliseconds


class LevelByConfidence(_Strict):
    """The level of a hit from a confidence on."""

    confidence: Confidence
    level: Level


class TypePolicy(_Strict):
    """What alerts on a type of indicator are called, and where the type is looked for."""

    title: str
    tags: list[str]
    fields: list[str] = Field(min_length=1)
    lists: list[str] = []


class IntelligencePolicy(_Strict):
    """Everything about indicators that is decided outside the code; times in milliseconds."""

    limits: ImportLimits
    widest_network: WidestNetwork
    open_domains: list[list[str]]
    default_confidence: Confidence
    early: Milliseconds
    look_back: Milliseconds
    search: SearchPolicy
    import_batch: int = Field(gt=0)
    window: Milliseconds
    levels: list[LevelByConfidence]
    types: dict[IndicatorType, TypePolicy]

    @model_validator(mode="after")
    def _is_complete(self) -> IntelligencePolicy:
        reached = [each.confidence for each in self.levels]
        if not reached or reached != sorted(reached, reverse=True) or reached[-1] != 0:
            raise ValueError("levels: list them by falling confidence, the last one from 0 on")
        missing = [kind for kind in IndicatorType if kind not in self.types]
        if missing:
            raise ValueError(f"types: {', '.join(missing)} has no entry; give each type its title and fields")
        return self

    def level_of(self, confidence: int) -> Level:
        """The level of a hit by an indicator of this confidence."""
        return next(each.level for each in self.levels if confidence >= each.confidence)


def rule_id_of(kind: IndicatorType) -> str:
    """The id under which alerts on a type of indicator stand, the same in every installation."""
    return str(uuid5(NAMESPACE_URL, f"https://fengsui.example/threat-intelligence/{kind}"))


@cache
def load_intelligence_policy() -> IntelligencePolicy:
    """The policy shipped with the product.

    Raises:
        PolicyError: the file is missing or not what the schema says.
    """
    return load_policy("detection/intelligence.yml", IntelligencePolicy)
