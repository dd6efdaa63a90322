"""Scores worked out by hand, and what must hold of any."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.control_set import control_set
from compliance.judgment import Judgment
from compliance.score import JudgedItem, deduct, rate
from policies.compliance import scoring_policy

_POLICY = scoring_policy()
_ITEMS = control_set(3, 3)


def _judged(**changed: Judgment) -> list[JudgedItem]:
    """All 211 items fulfilled but for those named by reference, with underscores for dots and blanks."""
    return [
        JudgedItem(each, changed.get("_" + each.item.ref.replace(".", "_").replace(" ", "_"), Judgment.FULFILLED))
        for each in _ITEMS
    ]


def test_a_system_without_fault_has_a_hundred() -> None:
    score = deduct(_judged(), _POLICY)
    assert score is not None
    assert (score.total, score.technical, score.management, score.deductions, score.grade.zh) == (100, 50, 50, (), "优")


def test_one_failed_key_item_of_211_costs_three_base_units() -> None:
    score = deduct(_judged(_8_1_4_1_d=Judgment.FAILED), _POLICY)
    assert score is not None
    assert score.total == pytest.approx(100 - 3 * 100 / 211)
    assert score.technical == pytest.approx(48.578, abs=0.001)
    assert [(line.ref, line.factor, round(line.points, 3)) for line in score.deductions] == [("8.1.4.1 d", 3, 1.422)]


def test_half_held_ordinary_and_unknown_important_items() -> None:
    # 8.1.6.3 a is ordinary: 0.5 · 1 · 100/211; 8.1.6.3 b important and without evidence: 2 · 100/211
    score = deduct(_judged(_8_1_6_3_a=Judgment.PARTLY, _8_1_6_3_b=Judgment.UNKNOWN), _POLICY)
    assert score is not None
    assert score.management == pytest.approx(50 - 0.5 * 100 / 211 - _factor("8.1.6.3 b") * 100 / 211)
    assert score.technical == 50


def _factor(ref: str) -> float:
    importance = next(each.item.importance for each in _ITEMS if each.item.ref == ref)
    assert importance is not None
    return _POLICY.deduction.factors[importance]


def test_items_that_do_not_apply_leave_the_count() -> None:
    score = deduct(_judged(_8_1_1_1_a=Judgment.NOT_APPLICABLE, _8_1_4_1_d=Judgment.FAILED), _POLICY)
    assert score is not None
    assert score.applicable == 210
    assert score.total == pytest.approx(100 - 3 * 100 / 210)
    nothing = [JudgedItem(each, Judgment.NOT_APPLICABLE) for each in _ITEMS]
    assert deduct(nothing, _POLICY) is None
    assert rate(nothing, _POLICY, hazards=False) is None


def test_neither_part_falls_below_nothing() -> None:
    failed = [JudgedItem(each, Judgment.FAILED) for each in _ITEMS]
    score = deduct(failed, _POLICY)
    assert score is not None
    assert (score.technical, score.management, score.grade.zh) == (0, 0, "差")


@pytest.mark.parametrize(
    ("high_risk", "medium_risk", "grade"), [(False, False, "优"), (False, True, "良"), (True, False, "差")]
)
def test_an_open_risk_lowers_the_grade(high_risk: bool, medium_risk: bool, grade: str) -> None:  # noqa: FBT001 (a case)
    items = [JudgedItem(each.place, each.judgment, high_risk=high_risk) for each in _judged()]
    score = deduct(items, _POLICY, medium_risk=medium_risk)
    assert score is not None
    assert score.grade.zh == grade


def test_the_rate_is_shown_both_ways() -> None:
    half = [JudgedItem(each, Judgment.PARTLY if at % 2 else Judgment.FULFILLED) for at, each in enumerate(_ITEMS)]
    found = rate(half, _POLICY, hazards=False)
    assert found is not None
    assert found.strict == pytest.approx(100 * 106 / 211)
    assert found.halved == pytest.approx(100 * (106 + 52.5) / 211)
    assert found.conclusion.zh == "不符合"
    good = rate(_judged(), _POLICY, hazards=False)
    endangered = rate(_judged(), _POLICY, hazards=True)
    assert good is not None
    assert endangered is not None
    assert (good.conclusion.zh, endangered.conclusion.zh) == ("符合", "基本符合")


@given(st.lists(st.sampled_from(Judgment), min_size=211, max_size=211))
def test_better_judgments_never_lower_the_score(judgments: list[Judgment]) -> None:
    items = [JudgedItem(each, judgment) for each, judgment in zip(_ITEMS, judgments, strict=True)]
    score = deduct(items, _POLICY)
    better = [
        JudgedItem(each.place, Judgment.FULFILLED if each.judgment is Judgment.FAILED else each.judgment)
        for each in items
    ]
    if score is not None:
        improved = deduct(better, _POLICY)
        assert improved is not None
        assert 0 <= score.total <= improved.total <= 100
