"""What the parts of an action have in common: what is planned, who acts, what came of it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sqlalchemy.orm import Session

from audit import canonical_json
from audit.authorship import ChangedBy
from playbooks.errors import ActionError
from registry.registers import Editor


class Way(StrEnum):
    """How an action is carried out: in the records themselves, by a call, by a signed delivery, by a person."""

    INSIDE = "inside"
    CALL = "call"
    DELIVERY = "delivery"
    PERSON = "person"


@dataclass(frozen=True, slots=True)
class Planned:
    """Exactly what one command does to one target; ``payload`` is JSON without fractions and holds no secret."""

    kind: str
    way: Way
    payload: dict[str, Any]

    @property
    def digest(self) -> str:
        """SM3 of the RFC 8785 form, hexadecimal."""
        return digest_of({"kind": self.kind, "payload": self.payload})


@dataclass(frozen=True, slots=True)
class Ports:
    """What stands above this part and is wired in.

    ``suspend_api_key`` ends an API key by its id; it raises ``ActionError`` where there is none.
    """

    suspend_api_key: Callable[[Session, str, ChangedBy], None] | None = None


@dataclass(frozen=True, slots=True)
class Acting:
    """Within what an action is planned and carried out."""

    session: Session
    editor: Editor
    run_id: str
    incident_id: str | None
    ports: Ports = field(default_factory=Ports)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a call; ``happened`` is None where nobody can tell."""

    happened: bool | None
    reason: str = ""
    result: Mapping[str, Any] = field(default_factory=dict)


def digest_of(value: object) -> str:
    """SM3 of the canonical JSON of a value, hexadecimal.

    Raises:
        CanonicalError: it holds a fraction or something that is no JSON.
    """
    return hashlib.new("sm3", canonical_json(value).encode()).hexdigest()


def text_parameter(parameters: Mapping[str, Any], name: str, default: str | None = None) -> str:
    """A text that a command needs.

    Raises:
        ActionError: it is not there, or is no text.
    """
    value = parameters.get(name, default)
    if not isinstance(value, str) or not value.strip():
        raise ActionError(f"parameters.{name}: the command needs this text; give it")
    return value.strip()
