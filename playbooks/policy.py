"""The models of ``policies/playbooks`` and ``policies/response``."""

from __future__ import annotations

from functools import cache
from ipaddress import IPv4Network, IPv6Network

from pydantic import BaseModel, ConfigDict, Field

from policies import load_policy


class _Policy(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class DocumentLimits(_Policy):
    """What is taken as a playbook."""

    bytes: int = Field(gt=0)
    depth: int = Field(gt=0)
    steps: int = Field(gt=0)


class SecretPlaces(_Policy):
    """Where a credential stands, as lower-case names of headers and of a query's parameters, and as schemes."""

    headers: frozenset[str]
    parameters: frozenset[str]
    schemes: frozenset[str]


class WorkLimits(_Policy):
    """How runs move."""

    rounds_at_once: int = Field(gt=0)
    poll_seconds: float = Field(gt=0)
    walk: int = Field(gt=0)
    repetitions: int = Field(gt=0)
    playbooks_deep: int = Field(gt=0)


class WaitMinutes(_Policy):
    """How long people have."""

    answer: int = Field(gt=0)
    unknown: int = Field(gt=0)


class CallLimits(_Policy):
    """What may be called, and for how long."""

    connect_seconds: float = Field(gt=0)
    total_seconds: float = Field(gt=0)
    request_bytes: int = Field(gt=0)
    answer_bytes: int = Field(gt=0)
    networks: tuple[IPv4Network | IPv6Network, ...]
    refused: tuple[IPv4Network | IPv6Network, ...]
    ports: frozenset[int]


class WebhookLimits(_Policy):
    """How deliveries are tried."""

    attempts: int = Field(gt=0)
    answer_seconds: float = Field(gt=0)
    disabled_after: int = Field(gt=0)
    first_wait_seconds: float = Field(gt=0)
    longest_wait_seconds: float = Field(gt=0)
    tolerance_seconds: int = Field(gt=0)
    rotation_hours: int = Field(gt=0)
    at_once: int = Field(gt=0)
    kept_bytes: int = Field(gt=0)


class RunPolicy(_Policy):
    """How playbooks run."""

    documents: DocumentLimits
    secrets: SecretPlaces
    work: WorkLimits
    waits: WaitMinutes
    calls: CallLimits
    webhooks: WebhookLimits


@cache
def run_policy() -> RunPolicy:
    """The shipped policy."""
    return load_policy("playbooks/runs.yml", RunPolicy)
