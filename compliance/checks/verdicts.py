"""Judgments from figures: shares against what is required."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from compliance.evidence import CheckOutcome, EvidenceRow
from compliance.judgment import Judgment
from policies.compliance.language import Words

_PERCENT = 100


@dataclass(frozen=True, slots=True)
class Required:
    """From which share something holds, and from which it holds in part."""

    fulfilled: float
    partly: float

    def of(self, held: int, total: int) -> Judgment:
        """The judgment of so many of so many."""
        if held >= self.fulfilled * total:
            return Judgment.FULFILLED
        return Judgment.PARTLY if held and held >= self.partly * total else Judgment.FAILED


@dataclass(frozen=True, slots=True)
class Counted:
    """So many of so many, and the code of the sentence that says so."""

    held: int
    of: int
    reason: str


def share_outcome(
    check: str, counted: Counted, required: Required, evidence: tuple[EvidenceRow, ...], **figures: int | str
) -> CheckOutcome:
    """The outcome of a share; ``of`` is above 0."""
    told: Mapping[str, int | str] = {
        "held": counted.held,
        "of": counted.of,
        "percent": _PERCENT * counted.held // counted.of,
        "required": round(required.fulfilled * _PERCENT),
        **figures,
    }
    return CheckOutcome(check, required.of(counted.held, counted.of), counted.reason, told, evidence)


def named_missing(missing: Sequence[Words]) -> dict[str, str]:
    """What is missing, as figures for the sentences of both languages."""
    return {"missing": "、".join(each.zh for each in missing), "missing_en": ", ".join(each.en for each in missing)}


def unknown(check: str, reason: str, evidence: tuple[EvidenceRow, ...] = (), **figures: int | str) -> CheckOutcome:
    """The outcome of a check that has nothing to look at."""
    return CheckOutcome(check, Judgment.UNKNOWN, reason, figures, evidence)
