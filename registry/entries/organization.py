"""Units and systems as people write them."""

from __future__ import annotations

from ipaddress import ip_network
from typing import Annotated, Self

from pydantic import AfterValidator, Field, StringConstraints, field_validator, model_validator
from pydantic_core import PydanticCustomError

from registry.entries.types import Entry, Identifier, Level, LongText, Name, OptionalId, Texts, YesOrNo, named
from registry.policy import zone_policy
from registry.vocabulary import ContactRole, UnitLevel

_MAXIMUM_CONTACTS = 40


class Contact(Entry):
    """A person whom a unit names for a role."""

    role: ContactRole
    name: Name
    telephone: Annotated[str, StringConstraints(max_length=64)] = ""
    email: Annotated[str, StringConstraints(max_length=255)] = ""


class UnitEntry(Entry):
    """A unit of the five-level tree."""

    id: Identifier
    name: Name
    level: Annotated[UnitLevel, named(UnitLevel)]
    parent_id: OptionalId = None
    contacts: list[Contact] = Field(default_factory=list, max_length=_MAXIMUM_CONTACTS)

    @model_validator(mode="after")
    def _has_another_parent(self) -> Self:
        if self.parent_id == self.id:
            raise PydanticCustomError(
                "own_parent", "parent_id: a unit can't be its own parent; name the unit above it, or none"
            )
        return self


def _networks(values: list[str]) -> list[str]:
    try:
        return list(dict.fromkeys(str(ip_network(value, strict=False)) for value in values))
    except ValueError as error:
        message = "no addresses; write them as 198.51.100.7 or 198.51.100.0/24, separated by semicolons"
        raise PydanticCustomError("no_network", message) from error


def _names(values: list[str]) -> list[str]:
    return list(dict.fromkeys(value.casefold() for value in values))


class SystemEntry(Entry):
    """An information system with its 等保 grading.

    S and A are set together; the level is the higher of the two (GB/T 22239-2019 annex A: S1A3 to S3A1 make level 3).
    ``log_names`` are those of its hosts, cloud accounts and collection sources, as its logs have them.
    """

    id: Identifier
    name: Name
    operator_id: Identifier
    owner_id: Identifier
    supervisor_id: Identifier
    level: Level = None
    level_s: Level = None
    level_a: Level = None
    filing_number: Annotated[str, StringConstraints(max_length=64)] = ""
    is_critical: YesOrNo = False
    zone: str = ""
    addresses: Annotated[Texts, AfterValidator(_networks)] = Field(default_factory=list)
    log_names: Annotated[Texts, AfterValidator(_names)] = Field(default_factory=list)
    description: LongText = ""

    @field_validator("zone")
    @classmethod
    def _zone_exists(cls, value: str) -> str:
        zones = zone_policy().zones
        by_name = {name: code for code, zone in zones.items() for name in (code, zone.zh, zone.en)}
        if value and value not in by_name:
            named = {"zones": ", ".join(zones)}
            raise PydanticCustomError("unknown_zone", "no such zone; the zones are {zones}", named)
        return by_name[value] if value else zone_policy().system_default

    @model_validator(mode="before")
    @classmethod
    def _level_follows(cls, values: object) -> object:
        """The level of a pair that comes without one."""
        if not isinstance(values, dict) or values.get("level") not in {None, ""}:
            return values
        pair = [str(values.get(name) or "").strip() for name in ("level_s", "level_a")]
        return {**values, "level": max(pair)} if all(pair) else values

    @model_validator(mode="after")
    def _is_a_legal_pair(self) -> Self:
        if (self.level_s is None) != (self.level_a is None):
            raise PydanticCustomError("half_pair", "level_s: S and A belong together; give both, or neither")
        if self.level_s is not None and self.level_a is not None and self.level != max(self.level_s, self.level_a):
            raise PydanticCustomError(
                "level_of_pair",
                f"level: S{self.level_s}A{self.level_a} makes level {max(self.level_s, self.level_a)}; "
                "correct the level or the pair",
            )
        return self
