"""Scorecards and coverage as the API shows them."""

from __future__ import annotations

from pydantic import BaseModel, Field

from api.moments import Moment
from detection.coverage import CoverageState
from detection.scorecard.scoring import Hint, HintReason


class NoisyEntityDocument(BaseModel):
    """An entity of many of a rule's alerts; ``share`` is between 0 and 1."""

    name: str
    value: str
    alerts: int
    share: float


class ScorecardDocument(BaseModel):
    """What came of a rule's alerts in ``period_days``; shares are of the alerts closed with a verdict."""

    rule_id: str
    period_days: int
    alerts: int
    events: int
    dispositions: dict[str, int]
    verdicts: int
    false_positive_share: float | None
    unwanted_share: float | None
    acknowledge_ms: int | None
    close_ms: int | None
    last_fired: Moment | None = Field(validation_alias="last_fired_ms")
    hint: Hint
    reason: HintReason
    noisy_entities: list[NoisyEntityDocument]


class ScorecardList(BaseModel):
    """The scorecards of all rules with alerts in the period."""

    scorecards: list[ScorecardDocument]


class RuleCoverageDocument(BaseModel):
    """A rule of a technique; ``events`` is how many events of its kinds came of late."""

    rule_id: str
    title: str
    level: str
    on: bool
    events: int
    last_fired: Moment | None = Field(validation_alias="last_fired_ms")


class TechniqueDocument(BaseModel):
    """A technique: ``seen`` (a rule is on, its telemetry comes), ``blind`` (a rule is on, none comes) or ``none``."""

    technique_id: str
    tactics: list[str]
    state: CoverageState
    last_fired: Moment | None = Field(validation_alias="last_fired_ms")
    rules: list[RuleCoverageDocument]


class CoverageDocument(BaseModel):
    """The matrix: tactics in their order (``""`` where no tag names one), techniques by id."""

    tactics: list[str]
    techniques: list[TechniqueDocument]
