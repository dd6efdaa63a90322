"""The column judge: what occurs, how much of it, and what only looks like it."""

from __future__ import annotations

import uuid

import pytest

from classification.identifiers import load_identifiers
from tests.classification.columns.columns_at_random import CHANCE, HOLDING, ROWS, digits, dotted, judged, resident_id
from tests.classification.valid_identifiers import with_luhn


@pytest.mark.parametrize("category", sorted(HOLDING))
def test_a_column_whose_name_says_nothing_is_known_by_its_values(category: str) -> None:
    found = judged([HOLDING[category]() for _ in range(ROWS)], name="col_7")
    assert set(found) == {category}
    assert found[category].prevalence > 0.9
    assert found[category].values == ROWS


LOOKING_ALIKE = {
    "numbers of 11 digits": lambda: digits(11),
    "numbers of 15 digits": lambda: digits(15),
    "numbers of 16 digits": lambda: digits(16),
    "numbers of 18 digits": lambda: digits(18),
    "numbers of 19 digits": lambda: digits(19),
    "cards of an issuer with any last digit": lambda: "622202" + digits(13),
    "order numbers": lambda: f"2024{CHANCE.randrange(1, 13):02d}{CHANCE.randrange(1, 29):02d}{digits(10)}",
    "time stamps and four digits": lambda: f"20240520{CHANCE.randrange(24):02d}{CHANCE.randrange(60):02d}" + digits(6),
    "UUIDs": lambda: str(uuid.UUID(int=CHANCE.getrandbits(128))),
    "seconds since 1970": lambda: 1_700_000_000 + CHANCE.randrange(10**7),
    "milliseconds since 1970": lambda: 1_700_000_000_000 + CHANCE.randrange(10**10),
    "amounts": lambda: round(CHANCE.random() * 1e6, 2),
    "versions": lambda: dotted(20),
    "serial numbers": lambda: "SN" + digits(8),
    "days": lambda: f"2024-{CHANCE.randrange(1, 13):02d}-{CHANCE.randrange(1, 29):02d}",
    "words": lambda: CHANCE.choice(["高度", "方面", "安全", "成功", "文件", "部门", "数据", "国家", "平台"]),
    "cities": lambda: CHANCE.choice(["北京", "上海", "杭州", "成都"]),
    "M and F": lambda: CHANCE.choice("MF"),
    "small numbers": lambda: CHANCE.randrange(120),
}


@pytest.mark.parametrize("kind", sorted(LOOKING_ALIKE))
def test_a_column_of_look_alikes_is_nothing(kind: str) -> None:
    assert judged([LOOKING_ALIKE[kind]() for _ in range(ROWS)], name="col_7") == {}


def test_consecutive_numbers_are_a_series_and_no_phones() -> None:
    assert judged([13_800_000_000 + number for number in range(ROWS)]) == {}


def test_a_name_that_says_order_outweighs_numbers_that_could_be_phones() -> None:
    assert judged(["13" + digits(9) for _ in range(ROWS)], name="order_no") == {}


def test_one_resident_id_among_very_many_other_values_is_found() -> None:
    values = [f"苹果{number}" for number in range(100_000)]
    values[777] = resident_id()
    found = judged(values)["resident_id"]
    assert (found.hits, found.values) == (1, 100_000)
    assert found.confidence > 0.9
    assert found.prevalence == pytest.approx(1e-5)
    assert found.prevalence_interval[1] < 1e-3


def test_one_number_that_passes_by_chance_among_very_many_is_not() -> None:
    values = [f"{CHANCE.randrange(10**18):018d}" for _ in range(30_000)]
    values[777] = resident_id()
    assert "resident_id" not in judged(values)


def test_numbers_within_sentences_count() -> None:
    found = judged(["无"] * 990 + [f"经办人身份证{resident_id()}请核对" for _ in range(10)], name="remark")
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
    finding = judged([], name=name)[category]
    assert (finding.hits, finding.values, finding.prevalence) == (0, 0, 0.0)
    assert [reason.kind for reason in finding.evidence] == ["name"]


@pytest.mark.parametrize(
    "name", ["身份证类型", "手机型号", "银行卡有效期", "card_type", "num_credit_card", "email_template", "recipient"]
)
def test_a_name_that_says_something_about_it_is_not_it(name: str) -> None:
    assert judged([], name=name) == {}


def test_values_outweigh_a_name_they_contradict() -> None:
    assert set(judged([HOLDING["person_name"]() for _ in range(ROWS)], name="sfzh")) == {"person_name"}
    assert judged(["合格", "不合格"] * 100, name="mobile") == {}


@pytest.mark.parametrize("declared", ["boolean", "bool", "tinyint(1)", "int"])
def test_the_declared_type_guards(declared: str) -> None:
    assert judged([1, 0] * 50, name="email_address", type=declared) == {}


def test_a_comment_speaks_too() -> None:
    finding = judged([], name="f3", comment="申请人的身份证号码")["resident_id"]
    assert [reason.kind for reason in finding.evidence] == ["comment"]


def test_siblings_lend_weight() -> None:
    names = [HOLDING["person_name"]() for _ in range(10)]
    alone = judged(names)["person_name"]
    beside = judged(names, siblings=("sfzh", "lxdh"))["person_name"]
    assert beside.confidence > alone.confidence
    assert "sibling" in {reason.kind for reason in beside.evidence}


def test_one_lucky_value_repeated_proves_nothing() -> None:
    assert judged([with_luhn("4" + "7" * 14)] * 1000) == {}


def test_names_and_addresses_within_sentences_count() -> None:
    notes = [f"经办人{HOLDING['person_name']()}表示，材料已寄到{HOLDING['address']()}，请查收。" for _ in range(20)]
    found = judged(["材料齐全，准予受理，请按时办结并归档。"] * 200 + notes, name="备注")
    assert found["person_name"].hits == found["address"].hits == 20
    assert found["person_name"].confidence > 0.7


def test_sentences_without_names_are_nothing() -> None:
    assert (
        judged(["各部门应当按照职责分工落实要求。", "高度重视安全工作，任何单位不得擅自更改。"] * 100, name="备注")
        == {}
    )


def test_every_finding_is_a_category_of_the_policy_at_or_above_the_floor() -> None:
    policy = load_identifiers()
    for category, make in HOLDING.items():
        for found in judged([make() for _ in range(30)], name=category).values():
            assert found.category in policy.identifiers
            assert policy.floor <= found.confidence <= 1
