"""Who takes a step of review, and through which request."""

from __future__ import annotations

from dataclasses import dataclass

from audit import Actor

SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class ReviewedBy:
    """Who acts, at which moment (ms).

    Attributes:
        actor: as the audit trail names them.
        person_id: the account behind it, also where an API key is used, so that nobody is two people.
        at_ms: when.
        request_id: the request that asked for it.
        source_address: where that came from.
    """

    actor: Actor
    person_id: str
    at_ms: int
    request_id: str | None = None
    source_address: str | None = None

    @property
    def is_person(self) -> bool:
        """Whether it is a person and not the product."""
        return self.person_id != SYSTEM


def by_itself(at_ms: int) -> ReviewedBy:
    """The product, whose scans suggest."""
    return ReviewedBy(Actor("system", "classification", "system"), SYSTEM, at_ms)
