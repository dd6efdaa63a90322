"""The control catalogs of the standards, in our own words and in both languages."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from functools import cache
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from policies.compliance.language import Words
from policies.loader import load_policy

Level = Literal[2, 3]
Reference = Annotated[str, StringConstraints(pattern=r"^\d+(\.\d+){3}( [a-z])?$")]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Importance(StrEnum):
    """How much a failure weighs (GB/T 22239 test report template of 2021): 一般, 重要, 关键."""

    ORDINARY = "ordinary"
    IMPORTANT = "important"
    KEY = "key"


class Protection(StrEnum):
    """What an item protects (GB/T 22239-2019, annex A)."""

    INFORMATION = "S"
    SERVICE = "A"
    GENERAL = "G"


class Automation(StrEnum):
    """How far telemetry can speak for an item."""

    AUTOMATIC = "automatic"
    PARTLY = "partly"
    MANUAL = "manual"


class Item(_Strict):
    """One requirement item (要求项)."""

    ref: Reference
    unit: str
    sag: Protection
    importance: Importance | None
    automation: Automation
    evidence: tuple[str, ...]
    high_risk: tuple[str, ...] = ()
    label: Words


class ControlPoint(_Strict):
    """One control point (控制点) with its items."""

    id: str
    name: Words
    items: tuple[Item, ...] = Field(min_length=1)


class Domain(_Strict):
    """One layer (安全类) with its control points."""

    code: str
    name: Words
    control_points: tuple[ControlPoint, ...] = Field(min_length=1)

    @property
    def is_technical(self) -> bool:
        """Whether the layer is one of the five technical ones; the others are about management."""
        return self.code.startswith(("PES", "CNS", "ABS", "CES", "SMC"))


class CatalogItem(_Strict):
    """An item with the place that it has in its catalog."""

    level: Level
    domain: Domain
    control_point: ControlPoint
    item: Item


class ControlCatalog(_Strict):
    """The general requirements of one level."""

    level: Level
    domains: tuple[Domain, ...]

    def items(self) -> Iterator[CatalogItem]:
        """Every item, in the standard's order."""
        for domain in self.domains:
            for point in domain.control_points:
                for item in point.items:
                    yield CatalogItem(level=self.level, domain=domain, control_point=point, item=item)


@cache
def control_catalog(level: Level) -> ControlCatalog:
    """The shipped catalog of a level."""
    return load_policy(f"compliance/djbh_level_{level}.yml", ControlCatalog)
