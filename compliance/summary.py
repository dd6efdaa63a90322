"""An assessment as it stands: its items with their judgments, and what they add up to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from compliance.control_set import control_set
from compliance.judgment import Judgment
from compliance.models import Assessment, ItemRecord
from compliance.repository import item_judgments
from compliance.score import JudgedItem, Rate, Score, deduct, rate
from policies.compliance import CatalogItem, scoring_policy

_HUNDREDTHS = 100


@dataclass(frozen=True, slots=True)
class AssessedItem:
    """An item in its place, with the judgment that holds."""

    place: CatalogItem
    record: ItemRecord

    @property
    def judgment(self) -> Judgment:
        """The judgment that holds."""
        return Judgment(self.record.judgment)

    @property
    def is_high_risk(self) -> bool:
        """Whether it failed and a high-risk case of the 2025 guideline names it."""
        return self.judgment is Judgment.FAILED and bool(self.place.item.high_risk)

    @property
    def is_gap(self) -> bool:
        """Whether something is to be done: it does not hold, not wholly, or nothing speaks for it."""
        return self.judgment in (Judgment.FAILED, Judgment.PARTLY, Judgment.UNKNOWN)


@dataclass(frozen=True, slots=True)
class AssessmentSummary:
    """Items in the standard's order, score and compliance rate; both None where no item is applicable."""

    items: tuple[AssessedItem, ...]
    score: Score | None
    rate: Rate | None

    def counts(self) -> dict[Judgment, int]:
        """How many items were judged so."""
        return {each: sum(item.judgment is each for item in self.items) for each in Judgment}


def summarize(session: Session, assessment: Assessment) -> AssessmentSummary:
    """An assessment that was finished, as people's decisions since then leave it."""
    return _summary(control_set(assessment.level_s, assessment.level_a), item_judgments(session, assessment.id))


def put_totals(assessment: Assessment, summary: AssessmentSummary) -> None:
    """Write on the assessment what it adds up to."""
    assessment.total = None if summary.score is None else round(summary.score.total * _HUNDREDTHS)
    assessment.rate = None if summary.rate is None else round(summary.rate.strict * _HUNDREDTHS)


def _summary(places: Sequence[CatalogItem], records: Mapping[str, ItemRecord]) -> AssessmentSummary:
    items = tuple(AssessedItem(each, records[each.item.ref]) for each in places if each.item.ref in records)
    judged = [JudgedItem(each.place, each.judgment, high_risk=each.is_high_risk) for each in items]
    has_failed = any(each.judgment is Judgment.FAILED for each in items)
    hazards = any(each.is_high_risk for each in items)
    policy = scoring_policy()
    return AssessmentSummary(
        items, deduct(judged, policy, medium_risk=has_failed), rate(judged, policy, hazards=hazards)
    )
