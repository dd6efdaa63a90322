"""What speaks for or against an item, as it is kept: rows with query, count, period and a masked sample."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from compliance.judgment import Judgment

Origin = Literal["events", "records", "platform"]


@dataclass(frozen=True, slots=True)
class EvidenceRow:
    """One thing that was looked at.

    Attributes:
        origin: where it was looked for.
        name: what it is, in Chinese and English.
        query: how it was asked for; for events a query that the event search takes.
        count: how many there were.
        period: from when until when (ms); the same moment twice for a state.
        sample: one of them with what identifies people masked; empty for none.
    """

    origin: Origin
    name: tuple[str, str]
    query: str
    count: int
    period: tuple[int, int]
    sample: Mapping[str, str] = field(default_factory=dict)

    def document(self) -> dict[str, Any]:
        """As plain JSON values without floats."""
        return {
            "origin": self.origin,
            "name": list(self.name),
            "query": self.query,
            "count": self.count,
            "period": list(self.period),
            "sample": dict(self.sample),
        }


@dataclass(frozen=True, slots=True)
class CheckOutcome:
    """How a check came out: the code of why, with the figures that its sentence names."""

    check: str
    judgment: Judgment
    reason: str
    figures: Mapping[str, int | str] = field(default_factory=dict)
    evidence: tuple[EvidenceRow, ...] = ()
