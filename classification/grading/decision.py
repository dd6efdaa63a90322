"""A grade with the reasons that led to it, in both languages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

ReasonKind = Literal["category", "column", "combination", "volume", "parent", "unconfident"]


@dataclass(frozen=True, slots=True)
class Reason:
    """One line of why a grade is what it is.

    Attributes:
        kind: what spoke: a category, the highest column, a combination, the volume, a parent; or ``unconfident``,
            a category that was seen but not surely enough to count.
        subject: the category, column, rule or parent that it is about.
        grade: the grade that it asks for; None where it doesn't count.
        zh: the line in Chinese.
        en: the line in English.
        unverified: the figure behind it is this product's and not the standard's.
    """

    kind: ReasonKind
    subject: str
    grade: str | None
    zh: str
    en: str
    unverified: bool = False


@dataclass(frozen=True, slots=True)
class GradeDecision:
    """The grade of a column, table or resource; None where nothing asks for one. Reasons in the order of weighing."""

    grade: str | None
    reasons: tuple[Reason, ...] = ()
