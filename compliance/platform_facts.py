"""What the platform says of itself: whoever wires this part in knows accounts, rules of signing in and detection."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

Administrator = Literal["system", "security", "audit"]


@dataclass(frozen=True, slots=True)
class AccountFact:
    """An account that is not disabled: which of the three administrators it is, and its second factor."""

    id: str
    administers: frozenset[Administrator]
    needs_second_factor: bool
    has_second_factor: bool


@dataclass(frozen=True, slots=True)
class SignInFacts:
    """The rules of signing in that are in force."""

    lockout_failures: int
    lock_minutes: int
    idle_minutes: int
    password_length: int


@dataclass(frozen=True, slots=True)
class RuleFacts:
    """The detection rules in force, and when one of them last changed (ms)."""

    count: int
    updated_ms: int | None


@dataclass(frozen=True, slots=True)
class PlatformFacts:
    """All of it; None is what nobody knows."""

    accounts: tuple[AccountFact, ...] | None = None
    sign_in: SignInFacts | None = None
    rules: RuleFacts | None = None


FactsProvider: TypeAlias = Callable[[], PlatformFacts]


def no_facts() -> PlatformFacts:
    """Where nothing is wired in."""
    return PlatformFacts()
