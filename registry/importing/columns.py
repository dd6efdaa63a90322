"""The files of the registers: their kinds and columns, and how a row of cells becomes an entry."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from pydantic import BaseModel

from registry.entries import (
    AccountEntry,
    ConsumerEntry,
    FieldEntry,
    RegisteredGrant,
    ResourceEntry,
    SystemEntry,
    UnitEntry,
)
from registry.entries.types import ResourceId
from registry.labels import registry_labels
from registry.policy import import_policy
from registry.vocabulary import ContactRole

_PEOPLE = re.compile(r"[;;\n]+")
_DAY_MS = 86_400_000


class ImportKind(StrEnum):
    """What a file holds."""

    UNITS = "units"
    SYSTEMS = "systems"
    RESOURCES = "resources"
    FIELDS = "fields"
    CONSUMERS = "consumers"
    ACCOUNTS = "accounts"
    GRANTS = "grants"


class FieldRow(FieldEntry):
    """A field of a resource, as a row of its own."""

    resource_id: ResourceId

    @property
    def id(self) -> str:
        """What identifies the row."""
        return f"{self.resource_id}/{self.name}"


ENTRY_OF: dict[ImportKind, type[BaseModel]] = {
    ImportKind.UNITS: UnitEntry,
    ImportKind.SYSTEMS: SystemEntry,
    ImportKind.RESOURCES: ResourceEntry,
    ImportKind.FIELDS: FieldRow,
    ImportKind.CONSUMERS: ConsumerEntry,
    ImportKind.ACCOUNTS: AccountEntry,
    ImportKind.GRANTS: RegisteredGrant,
}
_LAST_DAYS = frozenset({"valid_to", "contract_end"})
_FIRST_DAYS = frozenset({"valid_from", "approved", "updated"})


def columns_of(kind: ImportKind) -> tuple[str, ...]:
    """The columns of a file, in order."""
    return tuple(registry_labels().registers[kind.value].columns)


def required_columns(kind: ImportKind) -> frozenset[str]:
    """The columns without which no row is an entry."""
    return frozenset(name for name, field in ENTRY_OF[kind].model_fields.items() if field.is_required())


def entry_values(kind: ImportKind, cells: Mapping[str, object]) -> dict[str, Any]:
    """The cells of a row as the values of its entry; empty ones are left to their defaults."""
    values = {column: cell for column, cell in cells.items() if cell is not None and cell != ""}
    if kind is ImportKind.UNITS:
        contacts = [contact for role in ContactRole for contact in _contacts(role, str(values.pop(role.value, "")))]
        return {**values, "contacts": contacts}
    return values


def row_values(kind: ImportKind, document: Mapping[str, Any]) -> dict[str, str]:
    """The document of an entry as the cells of a row; the opposite of ``entry_values``."""
    flat = dict(document)
    if kind is ImportKind.UNITS:
        contacts = flat.pop("contacts")
        flat |= {role.value: _people(contacts, role) for role in ContactRole}
    return {column: _cell(column, flat.get(column)) for column in columns_of(kind)}


def _contacts(role: ContactRole, text: str) -> list[dict[str, str]]:
    """``name telephone e-mail``, several separated by semicolons."""
    found = []
    for person in _PEOPLE.split(text):
        name, *ways = person.split()[:3] or [""]
        if name:
            email = next((way for way in ways if "@" in way), "")
            telephone = next((way for way in ways if "@" not in way), "")
            found.append({"role": role.value, "name": name, "telephone": telephone, "email": email})
    return found


def _people(contacts: list[dict[str, str]], role: ContactRole) -> str:
    chosen = [each for each in contacts if each["role"] == role.value]
    return ";".join(" ".join(filter(None, (each["name"], each["telephone"], each["email"]))) for each in chosen)


def _cell(column: str, value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ";".join(map(str, value))
    if isinstance(value, int) and column in _LAST_DAYS | _FIRST_DAYS:
        return _day(value, ends=column in _LAST_DAYS)
    return str(value)


def _day(moment_ms: int, *, ends: bool) -> str:
    """A date where the moment is a day's boundary, else the moment itself."""
    zone = import_policy().zone
    moment = datetime.fromtimestamp(moment_ms / 1000, zone)
    if (moment.hour, moment.minute, moment.second, moment.microsecond) != (0, 0, 0, 0):
        return moment.isoformat(timespec="milliseconds")
    return str(datetime.fromtimestamp((moment_ms - _DAY_MS if ends else moment_ms) / 1000, zone).date())
