"""The models of ``policies/identity``: roles with their scopes, and the rules of signing in."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from policies import load_policy

Scope = Annotated[str, StringConstraints(pattern=r"^[a-z-]+:[a-z-]+$")]
_LEAST_MEMORY_KIB = ((5, 7 * 1024), (4, 9 * 1024), (3, 12 * 1024), (2, 19 * 1024), (1, 46 * 1024))
"""By the passes at least made (OWASP Password Storage Cheat Sheet, "Argon2id")."""
_MS_PER_SECOND = 1000
_MS_PER_MINUTE = 60 * _MS_PER_SECOND
_MS_PER_HOUR = 60 * _MS_PER_MINUTE


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Label(_Model):
    """A name for people, in both languages."""

    zh: str
    en: str


class Role(_Model):
    """A named set of scopes; ``own_units`` binds them to the units that the account speaks for."""

    label: Label
    scopes: frozenset[Scope]
    own_units: bool = False


class FirstAdministrator(_Model):
    """The account made at the first start."""

    name: str
    roles: tuple[str, ...]


class RolePolicy(_Model):
    """Scopes, roles and the separation of duties."""

    scopes: dict[Scope, Label]
    roles: dict[str, Role]
    exclusive: tuple[frozenset[str], ...]
    first_administrator: FirstAdministrator

    @model_validator(mode="after")
    def _names_exist(self) -> Self:
        for name, role in self.roles.items():
            if unknown := role.scopes - self.scopes.keys():
                raise ValueError(f"role {name} has unknown scopes {sorted(unknown)}; add them under scopes")
        named = frozenset[str]().union(*self.exclusive)
        if unknown := named - self.roles.keys():
            raise ValueError(f"exclusive names unknown roles {sorted(unknown)}")
        if problem := self.conflict(self.first_administrator.roles):
            raise ValueError(f"first_administrator: {problem}")
        return self

    def conflict(self, roles: Iterable[str]) -> str | None:
        """Why an account can't hold these roles together; None when it can."""
        held = set(roles)
        if unknown := held - self.roles.keys():
            return f"unknown roles {sorted(unknown)}; the roles are {sorted(self.roles)}"
        for group in self.exclusive:
            if len(both := held & group) > 1:
                return f"separation of duties: nobody may hold {' and '.join(sorted(both))} together"
        return None

    def scopes_of(self, roles: Iterable[str]) -> frozenset[str]:
        """The scopes that roles give; a role the policy no longer knows gives none."""
        return frozenset[str]().union(*(self.roles[name].scopes for name in roles if name in self.roles))

    def scopes_everywhere(self, roles: Iterable[str]) -> frozenset[str]:
        """Those of the scopes that hold for all units, because a role gives them that is bound to none."""
        return self.scopes_of(name for name in roles if name in self.roles and not self.roles[name].own_units)


class SessionPolicy(_Model):
    """How long a session lives."""

    idle_minutes: int = Field(gt=0)
    absolute_hours: int = Field(gt=0)
    touch_seconds: int = Field(ge=0)
    maximum_per_account: int = Field(gt=0)

    @property
    def idle_ms(self) -> int:
        """Milliseconds without a request after which a session ends."""
        return self.idle_minutes * _MS_PER_MINUTE

    @property
    def absolute_ms(self) -> int:
        """Milliseconds after which a session ends in any case."""
        return self.absolute_hours * _MS_PER_HOUR

    @property
    def touch_ms(self) -> int:
        """Milliseconds between two notes of a session's last request."""
        return self.touch_seconds * _MS_PER_SECOND


class LockoutPolicy(_Model):
    """When failed sign-ins lock an account."""

    failures: int = Field(gt=0)
    within_minutes: int = Field(gt=0)
    lock_minutes: int = Field(gt=0)

    @property
    def within_ms(self) -> int:
        """Milliseconds within which failures count together."""
        return self.within_minutes * _MS_PER_MINUTE

    @property
    def lock_ms(self) -> int:
        """Milliseconds for which an account stays locked."""
        return self.lock_minutes * _MS_PER_MINUTE


class HashPolicy(_Model):
    """The parameters of argon2id; no weaker than the least that OWASP's password storage guidance names."""

    memory_kib: int = Field(ge=7168)
    passes: int = Field(ge=1)
    lanes: int = Field(ge=1, le=16)
    at_once: int = Field(ge=1)

    @model_validator(mode="after")
    def _is_strong_enough(self) -> Self:
        if self.memory_kib < next(least for passes, least in _LEAST_MEMORY_KIB if self.passes >= passes):
            raise ValueError(
                "hash: less memory needs more passes: 46 MiB with 1, 19 with 2, 12 with 3, 9 with 4, 7 with 5"
            )
        return self


class PasswordPolicy(_Model):
    """Lengths, in characters, that a password may have, and how it is kept."""

    minimum_length: int = Field(ge=8)
    maximum_length: int = Field(le=1024)
    distinct_characters: int = Field(ge=1)
    hash: HashPolicy


class SecondFactorPolicy(_Model):
    """Which roles need a second factor, and how many days an account may work without it."""

    required_roles: frozenset[str]
    grace_days: int = Field(ge=0)

    @property
    def grace_ms(self) -> int:
        """Milliseconds from an account's making within which the second factor may be missing."""
        return self.grace_days * 24 * _MS_PER_HOUR


class ApiKeyPolicy(_Model):
    """How long an API key may live, in days."""

    default_days: int = Field(gt=0)
    maximum_days: int = Field(gt=0)


class SignInPolicy(_Model):
    """Sessions, lockout, passwords and API keys."""

    session: SessionPolicy
    lockout: LockoutPolicy
    password: PasswordPolicy
    second_factor: SecondFactorPolicy
    api_key: ApiKeyPolicy


@cache
def role_policy() -> RolePolicy:
    """The shipped roles."""
    return load_policy("identity/roles.yml", RolePolicy)


@cache
def sign_in_policy() -> SignInPolicy:
    """The shipped rules of signing in."""
    return load_policy("identity/sign_in.yml", SignInPolicy)
