"""The caller of a request, once known."""

from __future__ import annotations

from dataclasses import dataclass

from audit import Actor
from registry import UnitScope


@dataclass(frozen=True, slots=True)
class Principal:
    """Who is calling.

    Attributes:
        actor: the caller as the audit trail names them.
        user_id: the account behind the call, also for an API key.
        scopes: what the caller may do.
        session_id: the session, None for an API key.
        units: ids of the units that the caller speaks for.
        scopes_everywhere: those of the scopes that hold for all units, and not for ``units`` alone.
        must_enroll: whether the account may do nothing but set up its second factor.
    """

    actor: Actor
    user_id: str
    scopes: frozenset[str]
    session_id: str | None = None
    units: frozenset[str] = frozenset()
    scopes_everywhere: frozenset[str] = frozenset()
    must_enroll: bool = False

    def may(self, scope: str) -> bool:
        """Whether the caller holds a scope."""
        return scope in self.scopes

    def unit_scope(self, scope: str) -> UnitScope:
        """The units for which the caller holds a scope; none at all without the scope."""
        if scope in self.scopes & self.scopes_everywhere:
            return UnitScope.everything()
        return UnitScope.below(self.units if scope in self.scopes else ())
