"""Administrative divisions: the codes that identifiers carry and the names that addresses begin with."""

from __future__ import annotations

from functools import cache

from pydantic import BaseModel, ConfigDict

from policies import load_policy


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Province(_Strict):
    """A province-level division: its names, the prefecture codes ever in use, and places in it."""

    name: str
    short: str
    codes: str
    cities: list[str]
    districts: list[str]

    def prefectures(self) -> list[str]:
        """The third and fourth digit of its codes, written out from ranges such as ``01-11 21-30 90``."""
        found: list[str] = []
        for part in self.codes.split():
            first, _, last = part.partition("-")
            found += [f"{number:02d}" for number in range(int(first), int(last or first) + 1)]
        return found


class RegionPolicy(_Strict):
    """Divisions by the two digits of their code, residence-permit regions, and places abroad."""

    permits: list[str]
    provinces: dict[str, Province]
    abroad: list[str]


@cache
def load_regions() -> RegionPolicy:
    """The divisions shipped with the product.

    Raises:
        PolicyError: the file is missing or not what the schema says.
    """
    return load_policy("classification/regions.yml", RegionPolicy)


@cache
def prefecture_codes() -> frozenset[str]:
    """Every four-digit code (province and prefecture) that a resident ID may start with."""
    regions = load_regions().provinces
    return frozenset(code + prefecture for code, province in regions.items() for prefecture in province.prefectures())


@cache
def province_codes() -> frozenset[str]:
    """The two-digit codes of the provinces."""
    return frozenset(load_regions().provinces)


def is_region(code: str) -> bool:
    """Whether six digits are a division that a resident ID may start with.

    The county's own digits are held to the ranges of GB/T 2260 (districts and counties 01-59, county-level cities
    71-89), since the code of birth stays after counties are merged or renamed; 00 is the prefecture itself.
    """
    return code[:4] in prefecture_codes() and (code[4:] <= "59" or "71" <= code[4:] <= "89")
