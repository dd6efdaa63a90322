"""The shapes of the registry's policies (``policies/registry/*.yml``)."""

from __future__ import annotations

from functools import cache
from ipaddress import IPv4Network, IPv6Network
from typing import Self
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, model_validator

from policies import load_policy
from registry.vocabulary import ConsumerKind


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Zone(_Strict):
    """A zone's names, and how far it is trusted (higher is more)."""

    zh: str
    en: str
    trust: int


class ZoneRange(_Strict):
    """A network and its zone."""

    network: IPv4Network | IPv6Network
    zone: str


class ZonePolicy(_Strict):
    """The zones, the ranges of addresses, and what holds where none fits."""

    zones: dict[str, Zone]
    system_default: str
    default: str
    ranges: tuple[ZoneRange, ...]

    @model_validator(mode="after")
    def _zones_exist(self) -> Self:
        named = {self.system_default, self.default, *(each.zone for each in self.ranges)}
        if unknown := sorted(named - self.zones.keys()):
            raise ValueError(f"unknown zones {unknown}; name them under zones")
        networks = [each.network for each in self.ranges]
        if twice := {str(each) for each in networks if networks.count(each) > 1}:
            raise ValueError(f"ranges names {sorted(twice)} twice; keep one zone for each")
        return self


class GrantLimits(_Strict):
    """How long a grant may last, and how much a reason may say."""

    longest_days: int = Field(gt=0)
    reason_maximum_length: int = Field(gt=0)


class SharingPolicy(_Strict):
    """When a flow needs a grant, and whom a grant covers."""

    always_need_grant: frozenset[ConsumerKind]
    unit_grant_covers: frozenset[ConsumerKind]
    zones_to_be_named: frozenset[str]
    grants: GrantLimits


@cache
def zone_policy() -> ZonePolicy:
    """The zones shipped with the product.

    Raises:
        PolicyError: the file is missing or not what the schema says.
    """
    return load_policy("registry/zones.yml", ZonePolicy)


@cache
def sharing_policy() -> SharingPolicy:
    """The sharing policy shipped with the product.

    Raises:
        PolicyError: the file is missing or not what the schema says.
    """
    return load_policy("registry/sharing.yml", SharingPolicy)


class ImportPolicy(_Strict):
    """Limits of files, and the zone of dates."""

    bytes_maximum: int = Field(gt=0)
    rows_maximum: int = Field(gt=0)
    cell_characters_maximum: int = Field(gt=0)
    unpacked_bytes_maximum: int = Field(gt=0)
    unpacked_ratio_maximum: int = Field(gt=0)
    problems_maximum: int = Field(gt=0)
    results_maximum: int = Field(gt=0)
    trial_minutes: int = Field(gt=0)
    time_zone: str

    @property
    def zone(self) -> ZoneInfo:
        """The zone of dates."""
        return ZoneInfo(self.time_zone)


@cache
def import_policy() -> ImportPolicy:
    """The limits shipped with the product.

    Raises:
        PolicyError: the file is missing or not what the schema says.
    """
    return load_policy("registry/import.yml", ImportPolicy)
