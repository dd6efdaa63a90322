"""Cells are read whatever their type and size, in batches that add up, and no value is kept."""

from __future__ import annotations

import tracemalloc
from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classification.columns import ColumnJudge
from tests.classification.columns.columns_at_random import judged, resident_id
from tests.classification.valid_identifiers import VALID


def test_truth_values_are_no_values() -> None:
    assert judged([True, False] * 50, name="email_verified") == {}


@pytest.mark.parametrize(
    "value",
    [13812345678, 13812345678.0, Decimal(13812345678), "13812345678.0", " 13812345678 ", "１３８１２３４５６７８"],
)
def test_a_number_is_read_whatever_type_its_source_gave_it(value: object) -> None:
    assert judged([value], name="mobile")["mobile_phone"].hits == 1


def test_dates_are_read_as_dates() -> None:
    without_zone = datetime.fromisoformat("1985-05-06T00:00:00")  # as drivers of databases give it
    found = judged([date(1990, 1, 31), without_zone], name="csrq", type="date")
    assert found["date_of_birth"].hits == 2


def test_nulls_and_blanks_are_no_values() -> None:
    found = judged([None, "", "  ", float("nan"), resident_id()], name="sfzh")["resident_id"]
    assert (found.hits, found.values) == (1, 1)


@given(st.sampled_from(sorted(VALID)), st.data(), st.integers(1, 4))
@settings(max_examples=30)
def test_batches_add_up(category: str, data: st.DataObject, batches: int) -> None:
    values = data.draw(st.lists(VALID[category], min_size=20, max_size=20))
    whole, parts = ColumnJudge("c1"), ColumnJudge("c1")
    whole.add(values)
    for start in range(batches):
        parts.add(values[start::batches])
    assert {f.category: f.hits for f in whole.findings()} == {f.category: f.hits for f in parts.findings()}


@given(
    st.lists(
        st.one_of(st.none(), st.text(), st.integers(), st.floats(), st.binary(), st.booleans(), st.dates()), max_size=30
    )
)
def test_any_values_are_judged_without_failing(values: list[object]) -> None:
    for finding in judged(values, name="值").values():
        assert 0 <= finding.prevalence <= 1
        assert finding.prevalence_interval[0] <= finding.prevalence <= finding.prevalence_interval[1]


@given(st.sampled_from(sorted(VALID)), st.data())
@settings(max_examples=40)
def test_no_evidence_holds_a_value(category: str, data: st.DataObject) -> None:
    values = data.draw(st.lists(VALID[category], min_size=5, max_size=10))
    for finding in judged(values, name="c1", comment="内容").values():
        assert not any(value in str(finding) for value in values)


def test_cells_of_a_million_characters_are_read() -> None:
    found = judged(
        ["数据" * 600_000 + "身份证" + resident_id(), "身份证：" + resident_id() + "。" * 999_000], name="正文"
    )
    assert found["resident_id"].hits == 1


def test_memory_stays_flat() -> None:
    judge = ColumnJudge("c1")
    judge.add([f"名{number}" for number in range(25_000)])
    tracemalloc.start()
    judge.add([f"名{number}" for number in range(50_000, 60_000)])
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert kept < 100_000


_CELLS = st.sampled_from(
    [
        "11010519491231002X",
        "１３８１２３４５６７８",
        "13812345678",
        "电话13812345678",
        "4111111111111111",
        "2024-01-05 10:23:00",
        "fe80::1:2",
        "10.20.30.40",
        "a.b@c.cn",
        "a.b@c.cn 13812345678",
        "京A12345",
        "杭州市西湖区文三路12号张建国收",
        "13812\n345678",
        "-",
    ]
)


@given(st.lists(_CELLS, min_size=1, max_size=12))
def test_what_a_cell_holds_does_not_depend_on_those_read_with_it(cells: list[str]) -> None:
    together, apart = ColumnJudge("col"), ColumnJudge("col")
    together.add(cells)
    for cell in cells:
        apart.add([cell])
    assert together.findings() == apart.findings()
