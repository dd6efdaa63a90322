"""The model of ``policies/incidents/opening.yml``."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from functools import cache
from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from detection.alerts import Alert
from incidents.classes import check_class
from incidents.errors import InvalidIncidentError
from incidents.levels import IncidentFacts
from incidents.wording import Label, PolicyModel
from policies import load_policy

_MS_PER_HOUR = 3_600_000


class Party(StrEnum):
    """What an entity field names in the registry."""

    UNIT = "unit"
    CONSUMER = "consumer"
    ACCOUNT = "account"
    SYSTEM = "system"
    RESOURCE = "resource"
    GRANT = "grant"


class Condition(PolicyModel):
    """Which alerts; an empty list sets no condition."""

    severity_at_least: int = Field(ge=0, le=4)
    entities: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    datasets: tuple[str, ...] = ()

    def fits(self, alert: Alert) -> bool:
        """Whether every condition holds for an alert."""
        return (
            alert.severity >= self.severity_at_least
            and _any_fits(self.entities, alert.entity)
            and _any_fits(self.tags, alert.tags)
            and _any_fits(self.rules, [alert.rule_id])
            and _any_fits(self.datasets, [alert.dataset])
        )


class OpeningRule(PolicyModel):
    """What such alerts open, and how they join."""

    id: Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,32}$")]
    title: Label
    when: Condition
    class_code: str = Field(alias="class")
    subclass_code: str | None = Field(None, alias="subclass")
    group_by: tuple[str, ...]
    group_by_consumer: bool = False
    join: Condition | None = None
    join_hours: int = Field(gt=0)
    hourly_maximum: int = Field(gt=0)
    facts: IncidentFacts

    @model_validator(mode="after")
    def _class_exists(self) -> Self:
        try:
            check_class(self.class_code, self.subclass_code)
        except InvalidIncidentError as error:
            raise ValueError(f"rule {self.id}: {error}") from error
        return self

    def opens(self, alert: Alert) -> bool:
        """Whether an alert that joins none opens an incident."""
        return self.when.fits(alert)

    def takes(self, alert: Alert) -> bool:
        """Whether an alert joins an incident of this rule, or opens one."""
        return self.opens(alert) or (self.join is not None and self.join.fits(alert))

    @property
    def join_ms(self) -> int:
        """How long alerts join an incident after its opening."""
        return self.join_hours * _MS_PER_HOUR


class OpeningPolicy(PolicyModel):
    """The rules, in order, and how the registry is asked."""

    rules: tuple[OpeningRule, ...]
    parties: dict[str, Party]
    lookback_hours: int = Field(gt=0)
    at_once: int = Field(gt=0)

    @property
    def lookback_ms(self) -> int:
        """How old an alert may be."""
        return self.lookback_hours * _MS_PER_HOUR

    @property
    def severity_at_least(self) -> int:
        """Below this no rule takes an alert."""
        conditions = [each for rule in self.rules for each in (rule.when, rule.join) if each is not None]
        return min((each.severity_at_least for each in conditions), default=5)

    def rules_for(self, alert: Alert) -> list[OpeningRule]:
        """The rules that take an alert, the first first."""
        return [rule for rule in self.rules if rule.takes(alert)]


@cache
def opening_policy() -> OpeningPolicy:
    """The shipped rules."""
    return load_policy("incidents/opening.yml", OpeningPolicy)


def _any_fits(patterns: tuple[str, ...], values: Iterable[str]) -> bool:
    if not patterns:
        return True
    return any(
        value.startswith(pattern[:-1]) if pattern.endswith("*") else value == pattern
        for value in values
        for pattern in patterns
    )
