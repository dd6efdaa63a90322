"""What a column is found to hold, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

ColumnEvidenceKind = Literal["checksum", "pattern", "dictionary", "name", "comment", "sibling", "type"]


@dataclass(frozen=True, slots=True)
class Evidence:
    """One reason for a finding; it never holds a raw value.

    Attributes:
        kind: what sort of reason.
        weight: 0..1, what it adds to the confidence (reasons combine as a noisy-or).
        detail: what was seen, in counts and words of the column's own description.
        code: which sentence ``detail`` is, stable, and
        values: what it names, in order.
    """

    kind: ColumnEvidenceKind
    weight: float
    detail: str
    code: str = ""
    values: tuple[str, ...] = ()

    def document(self) -> dict[str, object]:
        """As it is kept and answered."""
        kept: dict[str, object] = {"kind": self.kind, "weight": self.weight, "detail": self.detail}
        return {**kept, "code": self.code, "values": list(self.values)} if self.code else kept


@dataclass(frozen=True, slots=True)
class ColumnFinding:
    """One category found in a column.

    Attributes:
        category: id in ``policies/classification/identifiers.yml``.
        confidence: 0..1, that the category occurs at all.
        prevalence: 0..1, the share of the values (neither null nor empty) that hold it.
        prevalence_interval: Wilson interval of the prevalence at 95 %.
        hits: values that hold it.
        values: values seen that are neither null nor empty.
        evidence: the reasons, the weightiest first.
    """

    category: str
    confidence: float
    prevalence: float
    prevalence_interval: tuple[float, float]
    hits: int
    values: int
    evidence: tuple[Evidence, ...]
