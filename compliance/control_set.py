"""Which items a system must fulfil, by the pair of levels it is filed with."""

from __future__ import annotations

from collections.abc import Sequence

from compliance.errors import ComplianceError
from policies.compliance import CatalogItem, Level, Protection, control_catalog

_CATALOGS: dict[int, Level] = {2: 2, 3: 3}


def control_set(information_level: int, service_level: int) -> Sequence[CatalogItem]:
    """The general items of a system filed as S``information_level``A``service_level``, in the standard's order.

    Items that protect information come from the catalog of the S level, those that protect service from that of the
    A level, all others from the higher (GB/T 22239-2019, annex A).

    Raises:
        ComplianceError: a level whose catalog is not shipped.
    """
    levels = {
        Protection.INFORMATION: information_level,
        Protection.SERVICE: service_level,
        Protection.GENERAL: max(information_level, service_level),
    }
    if missing := sorted({level for level in levels.values() if level not in _CATALOGS}):
        raise ComplianceError(
            f"S{information_level}A{service_level}: there is no catalog of level {missing}; use {sorted(_CATALOGS)}"
        )
    chosen = [
        each
        for level in sorted(set(levels.values()))
        for each in control_catalog(_CATALOGS[level]).items()
        if levels[each.item.sag] == level
    ]
    return sorted(chosen, key=_order)


def _order(each: CatalogItem) -> tuple[list[int], str]:
    """By layer, control point and letter, whichever chapter the item stands in."""
    number, _, letter = each.item.ref.partition(" ")
    return [int(part) for part in number.split(".")][1:], letter
