"""The model of ``policies/incidents/reminders.yml``."""

from __future__ import annotations

from functools import cache
from typing import Literal

from pydantic import Field

from incidents.vocabulary import IncidentLevel, ReminderStage, Subject
from incidents.wording import PolicyModel
from policies import load_policy
from registry.vocabulary import ContactRole


class Recipients(PolicyModel):
    """Some who are told; the policy's own comments say what each member means."""

    of: Literal["everyone", "unit", "superior"]
    roles: tuple[str, ...] = ()
    escalation: bool = False
    mail: bool = False
    contacts: frozenset[ContactRole] = frozenset()
    mailboxes: tuple[str, ...] = ()
    webhook: str | None = None


class ReminderRule(PolicyModel):
    """Which stages of which clocks are told to whom."""

    subject: Subject
    stages: frozenset[ReminderStage] = Field(min_length=1)
    levels: frozenset[IncidentLevel] = frozenset()
    clocks: frozenset[str] = frozenset()
    to: tuple[Recipients, ...] = Field(min_length=1)


class SendingPolicy(PolicyModel):
    """How often a message is tried."""

    attempts: int = Field(gt=0, le=20)
    first_wait_seconds: int = Field(gt=0, le=86_400)


class RemindersPolicy(PolicyModel):
    """All rules."""

    rules: tuple[ReminderRule, ...]
    sending: SendingPolicy


@cache
def reminders_policy() -> RemindersPolicy:
    """The policy in force."""
    return load_policy("incidents/reminders.yml", RemindersPolicy)
