"""The column judge: what occurs, how much of it, and what only looks like it."""

from __future__ import annotations

import random
import tracemalloc
import uuid
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classification.columns import ColumnFinding, ColumnJudge
from classification.identifiers import load_identifiers
from tests.classification.valid_identifiers import VALID, with_luhn, with_mod_11_2, with_organization_check

_CHANCE = random.Random(11)
_ROWS = 500


def _judged(values: Sequence[object], name: str = "c1", **about: object) -> dict[str, ColumnFinding]:
    judge = ColumnJudge(name, **about)  # type: ignore[arg-type]
    judge.add(values)
    return {finding.category: finding for finding in judge.findings()}


def _digits(count: int) -> str:
    return "".join(_CHANCE.choice("0123456789") for _ in range(count))


def _resident_id() -> str:
    born = f"{_CHANCE.randrange(1940, 2015)}{_CHANCE.randrange(1, 13):02d}{_CHANCE.randrange(1, 29):02d}"
    return with_mod_11_2("330106" + born + _digits(3))


def _dotted(limit: int) -> str:
    return ".".join(str(_CHANCE.randrange(limit)) for _ in range(4))


HOLDING = {
    "resident_id": _resident_id,
    "mobile_phone": lambda: "13" + _digits(9),
    "bank_card": lambda: with_luhn("622202" + _digits(12)),
    "organization_code": lambda: with_organization_check(_digits(8)),
    "email": lambda: f"u{_digits(5)}@city.gov.cn",
    "ip_address": lambda: f"10.{_CHANCE.randrange(256)}.{_CHANCE.randrange(256)}.{_CHANCE.randrange(256)}",
    "landline_phone": lambda: "0571-8" + _digits(7),
    "license_plate": lambda: "浙A" + _digits(5),
    "mac_address": lambda: ":".join(f"{_CHANCE.randrange(256):02x}" for _ in range(5)) + ":af",
    "coordinates": lambda: f"120.{_digits(6)},30.{_digits(6)}",
    "person_name": lambda: _CHANCE.choice("王李张刘陈") + _CHANCE.choice("伟芳娜敏静") + _CHANCE.choice("强磊军洋杰"),
    "address": lambda: f"杭州市西湖区文三路{_CHANCE.randrange(1, 900)}号",
    "company_name": lambda: f"杭州{_CHANCE.choice('甲乙丙丁')}{_CHANCE.choice('东西南北')}科技有限公司",
    "gender": lambda: _CHANCE.choice("男女"),
}


@pytest.mark.parametrize("category", sorted(HOLDING))
def test_a_column_whose_name_says_nothing_is_known_by_its_values(category: str) -> None:
    found = _judged([HOLDING[category]() for _ in range(_ROWS)], name="col_7")
    assert set(found) == {category}
    assert found[category].prevalence > 0.9
    assert found[category].values == _ROWS


LOOKING_ALIKE = {
    "numbers of 11 digits": lambda: _digits(11),
    "numbers of 15 digits": lambda: _digits(15),
    "numbers of 16 digits": lambda: _digits(16),
    "numbers of 18 digits": lambda: _digits(18),
    "numbers of 19 digits": lambda: _digits(19),
    "cards of an issuer with any last digit": lambda: "622202" + _digits(13),
    "order numbers": lambda: f"2024{_CHANCE.randrange(1, 13):02d}{_CHANCE.randrange(1, 29):02d}{_digits(10)}",
    "time stamps and four digits": lambda: (
        f"20240520{_CHANCE.randrange(24):02d}{_CHANCE.randrange(60):02d}" + _digits(6)
    ),
    "UUIDs": lambda: str(uuid.UUID(int=_CHANCE.getrandbits(128))),
    "seconds since 1970": lambda: 1_700_000_000 + _CHANCE.randrange(10**7),
    "milliseconds since 1970": lambda: 1_700_000_000_000 + _CHANCE.randrange(10**10),
    "amounts": lambda: round(_CHANCE.random() * 1e6, 2),
    "versions": lambda: _dotted(20),
    "serial numbers": lambda: "SN" + _digits(8),
    "days": lambda: f"2024-{_CHANCE.randrange(1, 13):02d}-{_CHANCE.randrange(1, 29):02d}",
    "words": lambda: _CHANCE.choice(["高度", "方面", "安全", "成功", "文件", "部门", "数据", "国家", "平台"]),
    "cities": lambda: _CHANCE.choice(["北京", "上海", "杭州", "成都"]),
    "M and F": lambda: _CHANCE.choice("MF"),
    "small numbers": lambda: _CHANCE.randrange(120),
}


@pytest.mark.parametrize("kind", sorted(LOOKING_ALIKE))
def test_a_column_of_look_alikes_is_nothing(kind: str) -> None:
    assert _judged([LOOKING_ALIKE[kind]() for _ in range(_ROWS)], name="col_7") == {}


def test_consecutive_numbers_are_a_series_and_no_phones() -> None:
    assert _judged([13_800_000_000 + number for number in range(_ROWS)]) == {}


def test_a_name_that_says_order_outweighs_numbers_that_could_be_phones() -> None:
    assert _judged(["13" + _digits(9) for _ in range(_ROWS)], name="order_no") == {}


def test_one_resident_id_among_very_many_other_values_is_found() -> None:
    values = [f"苹果{number}" for number in range(100_000)]
    values[777] = _resident_id()
    found = _judged(values)["resident_id"]
    assert (found.hits, found.values) == (1, 100_000)
    assert found.confidence > 0.9
    assert found.prevalence == pytest.approx(1e-5)
    assert found.prevalence_interval[1] < 1e-3


def test_one_number_that_passes_by_chance_among_very_many_is_not() -> None:
    values = [f"{_CHANCE.randrange(10**18):018d}" for _ in range(30_000)]
    values[777] = _resident_id()
    assert "resident_id" not in _judged(values)


def test_numbers_within_sentences_count() -> None:
    found = _judged(["无"] * 990 + [f"经办人身份证{_resident_id()}请核对" for _ in range(10)], name="remark")
    assert found["resident_id"].hits == 10


@pytest.mark.parametrize(
    ("name", "category"),
    [
        ("sfzh", "resident_id"),
        ("SFZHM", "resident_id"),
        ("身份证号码", "resident_id"),
        ("applicantIdCard", "resident_id"),
        ("tyshxydm", "unified_social_credit_code"),
        ("lxdh", "mobile_phone"),
        ("手机号", "mobile_phone"),
        ("yhkh", "bank_card"),
        ("xm", "person_name"),
        ("联系人姓名", "person_name"),
        ("dz", "address"),
        ("家庭住址", "address"),
        ("cph", "license_plate"),
        ("csrq", "date_of_birth"),
        ("E_MAIL", "email"),
        ("zzjgdm", "organization_code"),
    ],
)
def test_a_name_speaks_where_no_values_are_read(name: str, category: str) -> None:
    finding = _judged([], name=name)[category]
    assert (finding.hits, finding.values, finding.prevalence) == (0, 0, 0.0)
    assert [reason.kind for reason in finding.evidence] == ["name"]


@pytest.mark.parametrize(
    "name", ["身份证类型", "手机型号", "银行卡有效期", "card_type", "num_credit_card", "email_template", "recipient"]
)
def test_a_name_that_says_something_about_it_is_not_it(name: str) -> None:
    assert _judged([], name=name) == {}


def test_values_outweigh_a_name_they_contradict() -> None:
    assert set(_judged([HOLDING["person_name"]() for _ in range(_ROWS)], name="sfzh")) == {"person_name"}
    assert _judged(["合格", "不合格"] * 100, name="mobile") == {}


@pytest.mark.parametrize("declared", ["boolean", "bool", "tinyint(1)", "int"])
def test_the_declared_type_guards(declared: str) -> None:
    assert _judged([1, 0] * 50, name="email_address", type=declared) == {}


def test_truth_values_are_no_values() -> None:
    assert _judged([True, False] * 50, name="email_verified") == {}


def test_a_comment_speaks_too() -> None:
    finding = _judged([], name="f3", comment="申请人的身份证号码")["resident_id"]
    assert [reason.kind for reason in finding.evidence] == ["comment"]


def test_siblings_lend_weight() -> None:
    names = [HOLDING["person_name"]() for _ in range(10)]
    alone = _judged(names)["person_name"]
    beside = _judged(names, siblings=("sfzh", "lxdh"))["person_name"]
    assert beside.confidence > alone.confidence
    assert "sibling" in {reason.kind for reason in beside.evidence}


@pytest.mark.parametrize(
    "value",
    [13812345678, 13812345678.0, Decimal(13812345678), "13812345678.0", " 13812345678 ", "１３８１２３４５６７８"],
)
def test_a_number_is_read_whatever_type_its_source_gave_it(value: object) -> None:
    assert _judged([value], name="mobile")["mobile_phone"].hits == 1


def test_dates_are_read_as_dates() -> None:
    found = _judged([date(1990, 1, 31), datetime(1985, 5, 6, 0, 0)], name="csrq", type="date")  # noqa: DTZ001
    assert found["date_of_birth"].hits == 2


def test_nulls_and_blanks_are_no_values() -> None:
    found = _judged([None, "", "  ", float("nan"), _resident_id()], name="sfzh")["resident_id"]
    assert (found.hits, found.values) == (1, 1)


def test_one_lucky_value_repeated_proves_nothing() -> None:
    assert _judged([with_luhn("4" + "7" * 14)] * 1000) == {}


@given(st.sampled_from(sorted(VALID)), st.data(), st.integers(1, 4))
@settings(max_examples=30, deadline=None)
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
@settings(deadline=None)
def test_any_values_are_judged_without_failing(values: list[object]) -> None:
    for finding in _judged(values, name="值").values():
        assert 0 <= finding.prevalence <= 1
        assert finding.prevalence_interval[0] <= finding.prevalence <= finding.prevalence_interval[1]


@given(st.sampled_from(sorted(VALID)), st.data())
@settings(max_examples=40, deadline=None)
def test_no_evidence_holds_a_value(category: str, data: st.DataObject) -> None:
    values = data.draw(st.lists(VALID[category], min_size=5, max_size=10))
    for finding in _judged(values, name="c1", comment="内容").values():
        assert not any(value in str(finding) for value in values)


def test_names_and_addresses_within_sentences_count() -> None:
    notes = [f"经办人{HOLDING['person_name']()}表示，材料已寄到{HOLDING['address']()}，请查收。" for _ in range(20)]
    found = _judged(["材料齐全，准予受理，请按时办结并归档。"] * 200 + notes, name="备注")
    assert found["person_name"].hits == found["address"].hits == 20
    assert found["person_name"].confidence > 0.7


def test_sentences_without_names_are_nothing() -> None:
    assert (
        _judged(["各部门应当按照职责分工落实要求。", "高度重视安全工作，任何单位不得擅自更改。"] * 100, name="备注")
        == {}
    )


def test_cells_of_a_million_characters_are_read() -> None:
    found = _judged(
        ["数据" * 600_000 + "身份证" + _resident_id(), "身份证：" + _resident_id() + "。" * 999_000], name="正文"
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


def test_every_finding_is_a_category_of_the_policy_at_or_above_the_floor() -> None:
    policy = load_identifiers()
    for category, make in HOLDING.items():
        for found in _judged([make() for _ in range(30)], name=category).values():
            assert found.category in policy.identifiers
            assert policy.floor <= found.confidence <= 1


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
@settings(deadline=None)
def test_what_a_cell_holds_does_not_depend_on_those_read_with_it(cells: list[str]) -> None:
    together, apart = ColumnJudge("col"), ColumnJudge("col")
    together.add(cells)
    for cell in cells:
        apart.add([cell])
    assert together.findings() == apart.findings()
