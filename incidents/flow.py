"""The model of ``policies/incidents/flow.yml``: the five steps, how an incident moves and how it ends."""

from __future__ import annotations

from functools import cache
from typing import Self

from pydantic import Field, model_validator

from incidents.vocabulary import IncidentState
from incidents.wording import Label, PolicyModel
from policies import load_policy

STEPS = tuple(state for state in IncidentState if state not in {IncidentState.CLOSED, IncidentState.MERGED})
"""The five steps, in order."""


class StepPolicy(PolicyModel):
    """A step, and the steps that may follow."""

    label: Label
    passes_to: frozenset[IncidentState]


class Conclusion(PolicyModel):
    """How an incident ends; ``counts`` is whether rates and times count it."""

    label: Label
    starts: frozenset[IncidentState] = Field(alias="from")
    counts: bool


class FlowLimits(PolicyModel):
    """The most characters of titles, texts and reasons, tasks of an incident, alerts of one request."""

    title: int = Field(gt=0, le=255)
    text: int = Field(gt=0)
    reason: int = Field(gt=0)
    tasks: int = Field(gt=0)
    alerts_at_once: int = Field(gt=0)


class FlowPolicy(PolicyModel):
    """How incidents move."""

    steps: dict[IncidentState, StepPolicy]
    handled_at: IncidentState
    ended: dict[IncidentState, Label]
    conclusions: dict[str, Conclusion]
    reopens_to: frozenset[IncidentState]
    limits: FlowLimits

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if tuple(self.steps) != STEPS:
            raise ValueError(f"steps: exactly {', '.join(STEPS)}, in this order")
        moved_to = {*self.reopens_to, self.handled_at}.union(*(step.passes_to for step in self.steps.values()))
        if not moved_to <= set(STEPS):
            raise ValueError(f"passes_to, reopens_to, handled_at: only {', '.join(STEPS)}")
        return self

    def needs_reason(self, before: IncidentState, after: IncidentState) -> bool:
        """Whether a move is anything but one step on."""
        return STEPS.index(after) != STEPS.index(before) + 1

    @property
    def uncounted(self) -> frozenset[str]:
        """Conclusions that rates and times leave out."""
        return frozenset(code for code, conclusion in self.conclusions.items() if not conclusion.counts)


@cache
def flow_policy() -> FlowPolicy:
    """The shipped flow."""
    return load_policy("incidents/flow.yml", FlowPolicy)
