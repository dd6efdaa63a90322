"""What a back-test is expected to find: a YAML map of rule ids to the least and the most events."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, RootModel, model_validator

from detection.backtest.tally import RuleTally
from policies import load_policy


class Expectation(BaseModel):
    """How many events a rule should match; without ``max`` any number from ``min`` on."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    min: int = Field(0, ge=0)
    max: int | None = Field(None, ge=0)

    @model_validator(mode="after")
    def _is_a_range(self) -> Self:
        if self.max is not None and self.max < self.min:
            raise ValueError(f"max {self.max} is less than min {self.min}; exchange them")
        return self


class Expectations(RootModel[dict[str, Expectation]]):
    """Expectations by rule id."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a rule did as expected; ``miss`` says how it did not, empty where it did."""

    rule_id: str
    title: str
    events: int
    miss: str


def load_expectations(path: Path) -> Expectations:
    """Read a file of expectations.

    Raises:
        PolicyError: the file is missing, is no YAML, or is not such a map.
    """
    return load_policy(path.resolve(), Expectations)


def judge(expectations: Expectations, tallies: Iterable[RuleTally]) -> list[Verdict]:
    """A verdict on every expectation, in their order."""
    by_id = {tally.rule.id: tally for tally in tallies}
    return [_verdict(rule_id, wanted, by_id.get(rule_id)) for rule_id, wanted in expectations.root.items()]


def _verdict(rule_id: str, wanted: Expectation, tally: RuleTally | None) -> Verdict:
    if tally is None:
        return Verdict(rule_id, "", 0, "no rule of this id was run; correct the id, or mend the rule")
    miss = ""
    if tally.events < wanted.min:
        miss = f"matched {tally.events} events, at least {wanted.min} expected"
    elif wanted.max is not None and tally.events > wanted.max:
        miss = f"matched {tally.events} events, at most {wanted.max} expected"
    return Verdict(rule_id, tally.rule.title, tally.events, miss)
