"""How judgments add up to a score and a conclusion, each point explained."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from compliance.judgment import Judgment
from policies.compliance import CatalogItem, Deduction, ScoringPolicy
from policies.compliance.language import Words

_FULL = 100.0


@dataclass(frozen=True, slots=True)
class JudgedItem:
    """An item and what was said of it; ``high_risk`` where its failure is an open high-risk problem."""

    place: CatalogItem
    judgment: Judgment
    high_risk: bool = False


@dataclass(frozen=True, slots=True)
class DeductedItem:
    """What an item cost: ``factor`` base units, times the part of it that failed."""

    ref: str
    judgment: Judgment
    factor: float
    failed_part: float
    points: float


@dataclass(frozen=True, slots=True)
class Score:
    """The deduction method's result, line by line.

    Attributes:
        applicable: how many items count.
        base_unit: points that a failed item of factor 1 costs.
        technical, management: points left in the two parts; ``total`` is their sum.
        deductions: what was taken off, in the standard's order.
        grade: the conclusion.
    """

    applicable: int
    base_unit: float
    technical: float
    management: float
    deductions: tuple[DeductedItem, ...]
    grade: Words

    @property
    def total(self) -> float:
        """Points of 100."""
        return self.technical + self.management


@dataclass(frozen=True, slots=True)
class Rate:
    """The compliance rate in per cent, with items that hold in part left out and counted half, and the conclusion."""

    strict: float
    halved: float
    conclusion: Words


def deduct(items: Sequence[JudgedItem], policy: ScoringPolicy, *, medium_risk: bool = False) -> Score | None:
    """The score of the 2021 template: V = max(0, share·100 - Σ factor·(1-x)·100/n) for both parts, and their sum.

    An item without evidence counts as failed: nothing speaks for it. None where no item is applicable.
    """
    counted = [each for each in items if each.judgment is not Judgment.NOT_APPLICABLE]
    if not counted:
        return None
    method, unit = policy.deduction, _FULL / len(counted)
    lines = {each.place.item.ref: _deducted(each, method, unit) for each in counted}

    def left(share: float, *, technical: bool) -> float:
        mine = [each for each in counted if each.place.domain.is_technical is technical]
        return max(0.0, share * _FULL - sum(lines[each.place.item.ref].points for each in mine))

    technical = left(method.technical_share, technical=True)
    management = left(1 - method.technical_share, technical=False)
    high_risk = any(each.high_risk for each in counted)
    grade = _grade(technical + management, method, high_risk=high_risk, medium_risk=medium_risk)
    taken = tuple(line for line in lines.values() if line.points)
    return Score(len(counted), unit, technical, management, taken, grade)


def rate(items: Sequence[JudgedItem], policy: ScoringPolicy, *, hazards: bool) -> Rate | None:
    """The compliance rate of the 2025 template over applicable items; None where none is."""
    counted = [each.judgment for each in items if each.judgment is not Judgment.NOT_APPLICABLE]
    if not counted:
        return None

    def percent(partial: float) -> float:
        held = counted.count(Judgment.FULFILLED) + partial * counted.count(Judgment.PARTLY)
        return _FULL * held / len(counted)

    deciding = percent(policy.compliance_rate.partial)
    conclusions = policy.compliance_rate.conclusions
    found = next(each for each in conclusions if deciding > each.above and (each.hazards or not hazards))
    return Rate(percent(0.0), percent(0.5), found.name)


def _deducted(each: JudgedItem, method: Deduction, unit: float) -> DeductedItem:
    factor = method.factors[each.place.item.importance or method.unstated]
    failed = {Judgment.FULFILLED: 0.0, Judgment.PARTLY: 1 - method.partial}.get(each.judgment, 1.0)
    return DeductedItem(each.place.item.ref, each.judgment, factor, failed, factor * failed * unit)


def _grade(total: float, method: Deduction, *, high_risk: bool, medium_risk: bool) -> Words:
    for grade in method.grades:
        if total >= grade.at_least and (grade.high_risk or not high_risk) and (grade.medium_risk or not medium_risk):
            return grade.name
    return method.grades[-1].name
