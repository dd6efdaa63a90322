"""Grades of columns, tables and derived resources, each with its reasons.

A column is graded by its categories; a table as its highest column, raised by what combines in it and by how many
people it is about; a resource as itself or as the highest of its parents (GB/T 43697-2024 §6.5, §6.6, annex I).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from classification.grading.decision import GradeDecision, Reason, ReasonKind
from classification.grading.scheme import Combination, Impact, Label, Scheme, Volume
from classification.identifiers import load_identifiers

_UNVERIFIED_ZH = "（数值由本系统设定，请按本地规定核对）"
_UNVERIFIED_EN = " (this product's figure; check it against your rules)"


@dataclass(frozen=True, slots=True)
class SeenCategory:
    """A category seen in a column; ``confidence`` from 0 to 1, and 1 for what people confirmed, with their grade."""

    category: str
    confidence: float = 1.0
    grade: str | None = None


@dataclass(frozen=True, slots=True)
class TableFacts:
    """What a table's grade depends on: its columns' categories, and how many subjects it is about if that is known."""

    columns: Mapping[str, Sequence[SeenCategory]]
    subjects: int | None = None


def grade_column(scheme: Scheme, seen: Iterable[SeenCategory]) -> GradeDecision:
    """The grade of one column: that of its highest category among those that are sure enough."""
    reasons = [_category_reason(scheme, each) for each in seen]
    return GradeDecision(scheme.highest(reason.grade for reason in reasons), tuple(reasons))


def grade_table(scheme: Scheme, facts: TableFacts) -> GradeDecision:
    """The grade of a table: its highest column's, raised by combinations and then by volume."""
    columns = {name: grade_column(scheme, seen) for name, seen in facts.columns.items()}
    reasons = _highest_columns(scheme, columns)
    held = {
        each.category
        for seen in facts.columns.values()
        for each in seen
        if each.confidence >= scheme.confidence_minimum
    }
    reasons += [_rule_reason(scheme, "combination", rule) for rule in scheme.combinations if _combine(rule, held)]
    grade = scheme.highest(reason.grade for reason in reasons)
    volumes = [rule for rule in scheme.volumes if _reaches(scheme, rule, grade, facts.subjects)]
    reasons += [_rule_reason(scheme, "volume", rule) for rule in volumes]
    return GradeDecision(scheme.highest(reason.grade for reason in reasons), tuple(reasons))


def grade_resource(scheme: Scheme, own: GradeDecision, parents: Mapping[str, str | None]) -> GradeDecision:
    """The grade of a resource that may be derived: its own, or its highest parent's where that is higher.

    Args:
        scheme: the scheme of all the grades.
        own: the resource's own grade, of its table or set by people.
        parents: the grades of what it was derived from, by name; None where a parent is not graded.

    Raises:
        UnknownGradeError: a grade is not of this scheme.
    """
    reasons = [
        Reason(
            "parent",
            name,
            grade,
            f"由“{name}”派生，不低于其级别“{scheme.grade(grade).label.zh}”",
            f"Derived from “{name}”: not below its grade “{scheme.grade(grade).label.en}”",
        )
        for name, grade in parents.items()
        if grade is not None
    ]
    grade = scheme.highest([own.grade, *(reason.grade for reason in reasons)])
    return GradeDecision(grade, (*own.reasons, *reasons))


def _category_reason(scheme: Scheme, seen: SeenCategory) -> Reason:
    grade, impact = scheme.grade_of(seen.category), scheme.categories.get(seen.category)
    if seen.confidence < scheme.confidence_minimum:
        return _unsure(scheme, seen.category)
    if seen.grade is not None and seen.grade != grade:
        return _set_by_people(scheme, seen.category, seen.grade)
    if grade is None or impact is None:
        return _ungraded(seen.category)
    zh, en = _impact_words(scheme, impact)
    label = scheme.grade(grade).label
    name = _category_name(seen.category)
    words = Label(zh=f"含{name.zh}{zh}：{label.zh}", en=f"Holds {name.en}{en}: {label.en}")
    return _reason("category", seen.category, grade, words, unverified=impact.unverified)


def _unsure(scheme: Scheme, category: str) -> Reason:
    name, least = _category_name(category), scheme.confidence_minimum
    zh = f"{name.zh}的置信度低于 {least}，不参与定级"
    return Reason("unconfident", category, None, zh, f"{name.en} is less sure than {least}; it does not count")


def _set_by_people(scheme: Scheme, category: str, grade: str) -> Reason:
    name, label = _category_name(category), scheme.grade(grade).label
    zh, en = f"含{name.zh}，人工定为{label.zh}", f"Holds {name.en}, graded {label.en} by people"
    return Reason("category", category, grade, zh, en)


def _ungraded(category: str) -> Reason:
    name = _category_name(category)
    zh = f"分级方案未规定{name.zh}的级别，请人工定级"
    return Reason("category", category, None, zh, f"The scheme has no grade for {name.en}; people grade it")


def _category_name(category: str) -> Label:
    known = load_identifiers().identifiers.get(category)
    return Label(zh=known.label.zh, en=known.label.en) if known else Label(zh=f"“{category}”", en=f"“{category}”")


def _impact_words(scheme: Scheme, impact: Impact) -> tuple[str, str]:
    if impact.object is None or impact.degree is None:
        return "", ""
    harmed, degree = scheme.objects[impact.object], scheme.degrees[impact.degree]
    return f"，泄露对{harmed.zh}造成{degree.zh}", f", whose leak does {degree.en} to {harmed.en}"


def _highest_columns(scheme: Scheme, columns: Mapping[str, GradeDecision]) -> list[Reason]:
    """Of each column that has the highest grade, by name, the reason that gives it."""
    highest = scheme.highest(decided.grade for decided in columns.values())
    found = []
    for name, decided in sorted(columns.items()):
        of_grade = [reason for reason in decided.reasons if highest is not None and reason.grade == highest]
        for reason in of_grade[:1]:
            zh, en = f"字段“{name}”{reason.zh}", f"Column “{name}”: {reason.en}"
            found.append(Reason("column", name, highest, zh, en, reason.unverified))
    return found


def _combine(rule: Combination, held: set[str]) -> bool:
    return all(group & held for group in rule.all_of)


def _reaches(scheme: Scheme, rule: Volume, grade: str | None, subjects: int | None) -> bool:
    if grade is None or subjects is None:
        return False
    return subjects >= rule.subjects and scheme.rank(grade) >= scheme.rank(rule.from_grade)


def _rule_reason(scheme: Scheme, kind: ReasonKind, rule: Combination | Volume) -> Reason:
    label = scheme.grade(rule.grade).label
    words = Label(zh=f"{rule.why.zh}：不低于{label.zh}", en=f"{rule.why.en}: at least {label.en}")
    return _reason(kind, rule.id, rule.grade, words, unverified=rule.unverified)


def _reason(kind: ReasonKind, subject: str, grade: str, words: Label, *, unverified: bool) -> Reason:
    if unverified:
        words = Label(zh=words.zh + _UNVERIFIED_ZH, en=words.en + _UNVERIFIED_EN)
    return Reason(kind, subject, grade, words.zh, words.en, unverified)
