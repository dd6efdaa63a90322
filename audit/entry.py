"""What is said of an action when it is recorded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acted; ``id`` is stable, ``name`` is what people called them at that moment."""

    kind: Literal["user", "api_key", "system", "anonymous"]
    id: str
    name: str


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One action.

    Attributes:
        actor: who acted.
        action: ``{resource}:{action}``, for example ``alert:close``.
        object_kind: the kind of thing acted upon.
        object_id: which one; empty where the action has no single object.
        outcome: whether it came about.
        reason: why, in the actor's words or as a stable code.
        before: the state before, masked by the caller; JSON values without floats.
        after: the state after, masked by the caller.
        request_id: the request that caused it.
        source_address: the address it came from.
    """

    actor: Actor
    action: str
    object_kind: str
    object_id: str = ""
    outcome: Literal["success", "failure"] = "success"
    reason: str | None = None
    before: Mapping[str, object] | None = None
    after: Mapping[str, object] | None = None
    request_id: str | None = None
    source_address: str | None = None
