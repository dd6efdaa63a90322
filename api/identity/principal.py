"""The caller of a request, once known."""

from __future__ import annotations

from dataclasses import dataclass

from audit import Actor


@dataclass(frozen=True, slots=True)
class Principal:
    """Who is calling.

    Attributes:
        actor: the caller as the audit trail names them.
        user_id: the account behind the call, also for an API key.
        scopes: what the caller may do.
        session_id: the session, None for an API key.
    """

    actor: Actor
    user_id: str
    scopes: frozenset[str]
    session_id: str | None = None

    def may(self, scope: str) -> bool:
        """Whether the caller holds a scope."""
        return scope in self.scopes
