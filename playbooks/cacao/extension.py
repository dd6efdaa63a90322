"""What the standard has no words for: approval, retry, idempotency, probing, parameters, answers.

All of it stands in one extension of a step (CACAO 2.0 §8), so that the file stays a valid CACAO playbook.
"""

from __future__ import annotations

from typing import Any

from pydantic import Field

from playbooks.cacao.model import ActionStep, CacaoObject, StepId

EXTENSION_ID = "extension-definition--6f1d7b1e-4c0a-4f57-9a53-2b1f5f0c7a10"
"""Id of the extension; a playbook that uses it defines it."""


class ApprovalDemand(CacaoObject):
    """Who decides before the step, and until when.

    Attributes:
        role: a role of policies/identity/roles.yml.
        expires_minutes: without a decision by then it is rejected.
        covers: later steps that the same decision covers, exactly as they are resolved now.
        on_refusal: where the run goes on when it is rejected or expires; without it the step has failed.
    """

    role: str = Field(min_length=1, max_length=64)
    expires_minutes: int = Field(1440, ge=1, le=43_200)
    covers: list[StepId] = Field(default_factory=list, max_length=32)
    on_refusal: StepId | None = None


class RetryDemand(CacaoObject):
    """How often a failed action is tried, and how long before the second time; the wait doubles each time."""

    attempts: int = Field(1, ge=1, le=20)
    first_wait_seconds: float = Field(5.0, gt=0, le=3600)


class ProbeDemand(CacaoObject):
    """How to find out whether an action happened: a request whose answer 2xx means done, 404 not done."""

    command: str = Field(min_length=1, max_length=4096)
    headers: dict[str, list[str]] = Field(default_factory=dict)


class StepExtension(CacaoObject):
    """What one action says beyond the standard.

    Attributes:
        parameters: of a command of Fengsui's own; texts may hold variables.
        approval: who decides first.
        retry: what follows a failure.
        idempotent: the receiver does a repeated ``Idempotency-Key`` once, so that an unfinished call may be repeated.
        probe: how to find out whether an unfinished call happened.
        answer: JSON schema of what a person answers to a manual command.
    """

    parameters: dict[str, Any] = Field(default_factory=dict)
    approval: ApprovalDemand | None = None
    retry: RetryDemand = Field(default_factory=RetryDemand)
    idempotent: bool = False
    probe: ProbeDemand | None = None
    answer: dict[str, Any] | None = None


def extension_of(step: ActionStep) -> StepExtension:
    """The extension of a step; an empty one where it has none.

    Raises:
        pydantic.ValidationError: it does not have this form.
    """
    return StepExtension.model_validate(step.step_extensions.get(EXTENSION_ID, {}))
