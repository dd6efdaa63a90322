"""What the registry's codes and columns are called (``policies/registry/labels.yml``)."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, model_validator

from policies import load_policy
from registry.comparison import comparable
from registry.vocabulary import (
    AccountState,
    ConsumerKind,
    ContactRole,
    GrantState,
    GrantStatus,
    Opening,
    ResourceKind,
    Sharing,
    UnitLevel,
)


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Label(_Strict):
    """A name in both languages."""

    zh: str
    en: str


class RegisterLabels(_Strict):
    """A register's name, its columns in the order of its files, and the row that its template shows."""

    label: Label
    columns: dict[str, Label]
    example: dict[str, str]

    @model_validator(mode="after")
    def _example_is_of_the_columns(self) -> Self:
        if unknown := sorted(self.example.keys() - self.columns.keys()):
            raise ValueError(f"the example has {unknown}, which are no columns; name the columns alike")
        if next(iter(self.columns)) not in self.example:
            raise ValueError("the example lacks the first column, by which it is told from other rows; add it")
        return self


class RegistryLabels(_Strict):
    """The whole file."""

    units_of_level: dict[UnitLevel, Label]
    contact_roles: dict[ContactRole, Label]
    resource_kinds: dict[ResourceKind, Label]
    sharing: dict[Sharing, Label]
    opening: dict[Opening, Label]
    consumer_kinds: dict[ConsumerKind, Label]
    account_states: dict[AccountState, Label]
    grant_states: dict[GrantState, Label]
    grant_statuses: dict[GrantStatus, Label]
    words: dict[str, Label]
    registers: dict[str, RegisterLabels]

    def of(self, code: StrEnum) -> Label:
        """The name of a code."""
        return self.tables()[type(code)][code.value]

    def tables(self) -> dict[type[StrEnum], dict[str, Label]]:
        """The names by the type of the code."""
        named: dict[type[StrEnum], Mapping[Any, Label]] = {
            UnitLevel: self.units_of_level,
            ContactRole: self.contact_roles,
            ResourceKind: self.resource_kinds,
            Sharing: self.sharing,
            Opening: self.opening,
            ConsumerKind: self.consumer_kinds,
            AccountState: self.account_states,
            GrantState: self.grant_states,
            GrantStatus: self.grant_statuses,
        }
        return {kind: {str(code): label for code, label in table.items()} for kind, table in named.items()}


@cache
def registry_labels() -> RegistryLabels:
    """The names shipped with the product.

    Raises:
        PolicyError: the file is missing or not what the schema says.
    """
    return load_policy("registry/labels.yml", RegistryLabels)


@cache
def _codes(kind: type[StrEnum]) -> dict[str, str]:
    """The codes of a type by every spelling."""
    table = registry_labels().tables()[kind]
    return {comparable(name): code for code, label in table.items() for name in (code, label.zh, label.en)}


def code_of(kind: type[StrEnum], text: str) -> str:
    """The code that a text names, in its own spelling or either language; the text itself when it names none."""
    return _codes(kind).get(comparable(text), text)
