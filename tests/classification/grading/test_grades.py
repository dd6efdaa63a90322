"""Grades of columns, tables and derived resources: the highest wins, and every grade says why."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classification.grading import (
    GradeDecision,
    SeenCategory,
    TableFacts,
    UnknownGradeError,
    grade_column,
    grade_resource,
    grade_table,
    load_scheme,
    scheme_names,
)

_GB = load_scheme("gbt43697")
_SEEN = st.builds(SeenCategory, st.sampled_from([*_GB.categories, "unheard_of"]), st.floats(0, 1))
_TABLES = st.builds(
    TableFacts,
    st.dictionaries(st.sampled_from("abcdef"), st.lists(_SEEN, max_size=3), max_size=6),
    st.one_of(st.none(), st.integers(0, 20_000_000)),
)


def _table(*categories: str, subjects: int | None = None) -> TableFacts:
    return TableFacts({f"column_{name}": [SeenCategory(name)] for name in categories}, subjects)


@pytest.mark.parametrize(
    ("categories", "subjects", "grade", "kinds"),
    [
        ((), None, None, []),
        (("company_name",), None, "general_1", ["column"]),
        (("mobile_phone",), None, "general_2", ["column"]),
        (("resident_id", "mobile_phone"), None, "general_3", ["column"]),
        (("person_name", "mobile_phone"), None, "general_3", ["column", "column", "combination"]),
        (("person_name", "resident_id", "mobile_phone"), None, "general_4", ["column", "combination", "combination"]),
        (("person_name", "passport", "address"), None, "general_4", ["column", "combination", "combination"]),
        (("bank_card",), 99_999, "general_4", ["column"]),
        (("bank_card",), 100_000, "important", ["column", "volume"]),
        (("resident_id",), 999_999, "general_3", ["column"]),
        (("resident_id",), 1_000_000, "important", ["column", "volume"]),
        (("mobile_phone",), 9_999_999, "general_2", ["column"]),
        (("mobile_phone",), 10_000_000, "important", ["column", "volume"]),
        (("company_name",), 20_000_000, "general_1", ["column"]),
        (("unheard_of",), None, None, []),
    ],
)
def test_a_table_is_its_highest_column_raised_by_combination_and_volume(
    categories: tuple[str, ...], subjects: int | None, grade: str | None, kinds: list[str]
) -> None:
    decided = grade_table(_GB, _table(*categories, subjects=subjects))
    assert decided.grade == grade
    assert [reason.kind for reason in decided.reasons] == kinds


def test_a_column_says_what_its_leak_harms() -> None:
    decided = grade_column(_GB, [SeenCategory("resident_id", 0.9), SeenCategory("email", 0.59)])
    assert decided.grade == "general_3"
    counted, unsure = decided.reasons
    assert (counted.kind, counted.subject, counted.grade) == ("category", "resident_id", "general_3")
    assert "个人权益造成严重危害" in counted.zh
    assert "serious harm to the rights of individuals" in counted.en
    assert (unsure.kind, unsure.subject, unsure.grade) == ("unconfident", "email", None)


def test_confidence_counts_from_the_policys_figure_on() -> None:
    assert _GB.confidence_minimum == 0.6
    assert grade_column(_GB, [SeenCategory("bank_card", 0.6)]).grade == "general_4"
    assert grade_column(_GB, [SeenCategory("bank_card", 0.5999)]).grade is None
    unsure = TableFacts({"a": [SeenCategory("person_name", 0.5)], "b": [SeenCategory("email", 1)]})
    assert grade_table(_GB, unsure).grade == "general_2"


def test_a_figure_that_is_ours_says_so() -> None:
    [column, volume] = grade_table(_GB, _table("bank_card", subjects=200_000)).reasons
    assert (column.unverified, volume.unverified) == (False, True)
    assert column.zh == "字段“column_bank_card”含银行卡号，泄露对个人权益造成特别严重危害：一般数据4级"
    assert "请按本地规定核对" in volume.zh
    assert "check it against your rules" in volume.en


def test_a_grade_that_people_set_counts_as_they_set_it() -> None:
    facts = TableFacts({"dh": [SeenCategory("mobile_phone", grade="important")], "xm": [SeenCategory("bank_card")]})
    decided = grade_table(_GB, facts)
    assert decided.grade == "important"
    assert decided.reasons[0].zh == "字段“dh”含手机号码，人工定为重要数据"
    lowered = TableFacts({"xm": [SeenCategory("bank_card", grade="general_1")]})
    assert grade_table(_GB, lowered).grade == "general_1"
    with pytest.raises(UnknownGradeError, match="L4"):
        grade_table(_GB, TableFacts({"xm": [SeenCategory("bank_card", grade="L4")]}))


def test_a_derived_resource_is_not_below_its_parents() -> None:
    own = GradeDecision("general_2")
    decided = grade_resource(_GB, own, {"人口库": "general_4", "地址库": "general_1", "新表": None})
    assert decided.grade == "general_4"
    assert [(reason.kind, reason.subject, reason.grade) for reason in decided.reasons] == [
        ("parent", "人口库", "general_4"),
        ("parent", "地址库", "general_1"),
    ]
    assert grade_resource(_GB, GradeDecision("core"), {"a": "general_4"}).grade == "core"
    assert grade_resource(_GB, GradeDecision(None), {}).grade is None
    with pytest.raises(UnknownGradeError, match="L4"):
        grade_resource(_GB, own, {"a": "L4"})


@given(_TABLES)
def test_a_table_is_never_below_a_column_and_has_a_reason_for_its_grade(facts: TableFacts) -> None:
    for name in scheme_names():
        scheme = load_scheme(name)
        decided = grade_table(scheme, facts)
        columns = [grade_column(scheme, seen).grade for seen in facts.columns.values()]
        assert decided.grade == scheme.highest([*columns, decided.grade])
        if decided.grade is not None:
            assert decided.grade in {reason.grade for reason in decided.reasons}


@given(_TABLES, st.integers(0, 20_000_000))
def test_more_subjects_never_lower_a_grade(facts: TableFacts, more: int) -> None:
    bigger = TableFacts(facts.columns, (facts.subjects or 0) + more)
    before, after = (grade_table(_GB, each).grade for each in (facts, bigger))
    assert _GB.highest([before, after]) == after


@given(_TABLES)
def test_grades_don_t_depend_on_the_order_of_columns(facts: TableFacts) -> None:
    backwards = TableFacts(dict(reversed(facts.columns.items())), facts.subjects)
    assert grade_table(_GB, facts).grade == grade_table(_GB, backwards).grade
