"""Which units a caller may see: every query of the registry takes one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class UnitScope:
    """All units, or some units with everything below them in the tree; made empty, it shows nothing.

    Attributes:
        roots: ids of the units whose subtrees are seen; None sees everything.
    """

    roots: frozenset[str] | None = frozenset()

    @classmethod
    def everything(cls) -> UnitScope:
        """The scope of the platform itself and of those who watch over all units."""
        return cls(None)

    @classmethod
    def below(cls, unit_ids: Iterable[str]) -> UnitScope:
        """The scope of people of these units; none for no units."""
        return cls(frozenset(unit_ids))

    @property
    def is_everything(self) -> bool:
        """Whether nothing is hidden."""
        return self.roots is None
