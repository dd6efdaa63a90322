"""The model of ``policies/identity/approvals.yml``."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from api.identity.policy import Scope, role_policy
from policies import load_policy

DECIDE: Scope = "account-requests:decide"
_MS_PER_HOUR = 3_600_000


class ApprovalsPolicy(BaseModel):
    """What waits, and how long."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    roles: frozenset[str]
    scopes: frozenset[Scope]
    expire_hours: int = Field(gt=0)

    @model_validator(mode="after")
    def _names_exist(self) -> Self:
        known = role_policy()
        if unknown := (self.roles - known.roles.keys()) | (self.scopes - known.scopes.keys()):
            raise ValueError(f"unknown roles or scopes {sorted(unknown)}; the names are those of roles.yml")
        return self

    @property
    def expire_ms(self) -> int:
        """Milliseconds for which a request waits."""
        return self.expire_hours * _MS_PER_HOUR

    def is_privileged(self, roles: Iterable[str]) -> bool:
        """Whether an account with these roles is privileged."""
        return not self.roles.isdisjoint(roles)


@cache
def approvals_policy() -> ApprovalsPolicy:
    """The policy in force."""
    return load_policy("identity/approvals.yml", ApprovalsPolicy)
