"""How addresses and the names of organizations are built in Chinese."""

from __future__ import annotations

from functools import cache

from pydantic import BaseModel, ConfigDict

from classification.identifiers.regions import load_regions
from policies import load_policy


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class OrganizationEndings(_Strict):
    """Endings that name an organization: surely, or where a place stands before them; and known ones."""

    sure: list[str]
    placed: list[str]
    known: list[str]
    prefixes: list[str]


class AddressPolicy(_Strict):
    """Endings, numbers and boundaries of the parts of an address, and of organizations' names."""

    confidence: dict[str, float]
    divisions: list[str]
    roads: list[str]
    buildings: list[str]
    numbered: list[str]
    but_not: list[str]
    stops: str
    arriving: list[str]
    not_city: str
    no_road: list[str]
    after_place: list[str]
    organizations: OrganizationEndings
    breaks: list[str]
    generic: list[str]


@cache
def load_addresses() -> AddressPolicy:
    """The words shipped with the product.

    Raises:
        PolicyError: the file is missing or not what the schema says.
    """
    return load_policy("classification/addresses.yml", AddressPolicy)


@cache
def place_names() -> tuple[str, ...]:
    """Names that an address begins with: provinces, cities, districts, and places abroad; the longest first."""
    regions = load_regions()
    names = set(regions.abroad)
    for province in regions.provinces.values():
        names.update([province.name, province.short, *province.cities, *province.districts])
    return tuple(sorted(names, key=lambda name: (-len(name), name)))
