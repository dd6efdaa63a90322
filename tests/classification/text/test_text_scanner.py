"""The text scanner: exact offsets in any surroundings, and look-alikes left alone."""

from __future__ import annotations

import random
import time
import uuid
from datetime import UTC, date, datetime
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classification.identifiers.regions import prefecture_codes
from classification.text import Hit, text_scanner
from tests.classification.valid_identifiers import VALID, resident_ids, with_luhn

_BEFORE = st.text("号码为是的电话证件在，。：；（「 abz,;\n\"'=", max_size=12).map(lambda text: text + "：")
_AFTER = st.text("号码为是的电话证件在，。：；）」 abz,;\n\"'=", max_size=12).map(lambda text: "，" + text)


def _found(text: str) -> list[tuple[str, str]]:
    return [(hit.category, text[hit.start : hit.end]) for hit in text_scanner().find(text)]


@given(st.sampled_from(sorted(VALID)), st.data(), _BEFORE, _AFTER)
@settings(max_examples=300)
def test_what_is_valid_is_found_where_it_stands(category: str, data: st.DataObject, before: str, after: str) -> None:
    value = data.draw(VALID[category])
    hits = text_scanner().find(before + value + after)
    assert (len(before), len(before) + len(value), category) in [(hit.start, hit.end, hit.category) for hit in hits]


@given(resident_ids(), st.sampled_from("零一二三的号人码"), st.sampled_from("零一二三的号人码"))
def test_chinese_characters_on_both_sides_are_no_part_of_a_number(number: str, before: str, after: str) -> None:
    assert ("resident_id", number) in _found(f"{before}{number}{after}")


@given(resident_ids(), st.integers(1, 10), _BEFORE, _AFTER)
def test_a_wrong_check_digit_is_not_found(number: str, step: int, before: str, after: str) -> None:
    checks = "0123456789X"
    wrong = number[:17] + checks[(checks.index(number[17]) + step) % 11]
    assert not [hit for hit in text_scanner().find(before + wrong + after) if hit.category == "resident_id"]


@given(resident_ids())
def test_full_width_digits_are_found_at_their_own_offsets(number: str) -> None:
    wide = "".join(chr(ord(character) + 0xFEE0) for character in number)
    assert text_scanner().find(f"证件：{wide}。")[0:1] == [
        Hit(3, 21, "resident_id", text_scanner().find(f"证件：{wide}。")[0].confidence)
    ]
    assert _found(f"证件：{wide}。") == [("resident_id", wide)]


@pytest.mark.parametrize(
    "text",
    [
        "订单号20240520123456789012",
        "订单编号：13812345678",
        "order no: 13812345678",
        "流水号 6222021234567890",
        "交易号550e8400-e29b-41d4-a716-446655440000",
        "时间戳1716192000，毫秒1716192000123",
        "金额13812345678.50元，合计1,381,234,567.80",
        "版本1.2.3.4，升级到 v10.12.3.4",
        "按照8.1.10.6的要求，见 7.1.4.11",
        "Mozilla/5.0 Chrome/120.10.0.0 Safari/537.36",
        "序列号SN13812345678A",
        "批次2024-13812345678-01",
        "20240520123015" + "1234",
        "a13812345678b",
        "std::string a::b 12:34:56",
        "a:b:a:b:a:b:a:b:a:b:a:b",
        "icon@2x.png",
        "公里数0.1234,0.5678",
        "password=******",
        "密码是否正确",
        "1234567890123456789",
        "高度重视安全工作，任何单位和个人不得擅自更改；有关部门应当及时处理",
    ],
)
def test_look_alikes_are_left_alone(text: str) -> None:
    assert _found(text) == []


def test_uuids_and_serials_are_left_alone_in_bulk() -> None:
    chance = random.Random(7)
    uuids = [str(uuid.UUID(int=chance.getrandbits(128))) for _ in range(5000)]
    serials = [f"SN-{chance.randrange(10**10):010d}-{chance.randrange(10**6):06d}" for _ in range(5000)]
    stamps = [
        f"2024{chance.randrange(1, 13):02d}{chance.randrange(1, 29):02d}{chance.randrange(10**10):010d}"
        for _ in range(5000)
    ]
    assert _found("\n".join([*uuids, *serials, *stamps])) == []


def test_a_million_random_numbers_of_18_digits_pass_no_more_often_than_their_checks_allow() -> None:
    """Computed: divisions, dates and the check digit of 18 digits at random; nationality for foreigners; 4 issuers."""
    count = 1_000_000
    chance = random.Random(18)
    text = "\n".join(f"{chance.randrange(10**18):018d}" for _ in range(count))
    found = [category for category, _ in _found(text)]
    dates = (datetime.now(UTC).date() - date(1850, 1, 1)).days
    born = dates / 10**8 * (10 / 11) * (1 / 10)
    resident = len(prefecture_codes()) / 10**4 * 0.79 * born
    foreign = 0.1 * 0.34 * 0.891 * born
    card = 4 / 10**6 * 0.1
    assert found.count("resident_id") <= _at_most(count * resident)
    assert found.count("foreign_permanent_residence") <= _at_most(count * foreign)
    assert len(found) <= _at_most(count * (resident + foreign + card))
    assert resident < 5e-6


def _at_most(expected: float) -> float:
    """What a Poisson count of this expectation doesn't exceed but once in about 30,000 times."""
    return expected + 4 * expected**0.5 + 1


def test_overlapping_claims_leave_one_hit() -> None:
    hits = text_scanner().find("手机13812345678@139.com，+86 138-1234-5678")
    assert [hit.category for hit in hits] == ["email", "mobile_phone"]
    assert all(one.end <= other.start for one, other in pairwise(hits))


@pytest.mark.parametrize(
    "unit", ["13812345678 ", ":", "a:b:", "a@", "eyJabcdefghijk", "北京", "路", "王", "银行", "password=", "克里斯"]
)
def test_dense_and_hostile_text_takes_linear_time(unit: str) -> None:
    text_scanner().find("")  # compiles the patterns, which is no part of what is measured
    small, large = (_seconds(unit * count) for count in (2_000, 20_000))
    assert large < 50 * max(small, 0.002)


def test_every_hit_of_dense_text_is_kept() -> None:
    assert len(text_scanner().find("13812345678 " * 20_000)) == 20_000


def _seconds(text: str) -> float:
    """Of processor time, at best: what collects garbage now and then is no part of it."""
    return min(_once(text) for _ in range(3))


def _once(text: str) -> float:
    start = time.thread_time()
    text_scanner().find(text)
    return time.thread_time() - start


@pytest.mark.parametrize("shift", [0, 1, 9, 17, 18, 4096, 5000])
def test_what_lies_across_two_pieces_is_found_once(shift: int) -> None:
    padding = "数" * ((1 << 20) - shift)
    text = padding + "身份证11010519491231002X，完" + "据" * 5000
    assert [(h.category, h.start) for h in text_scanner().find(text)] == [("resident_id", len(padding) + 3)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("银行卡号6222020200112233" + with_luhn("622202020011223")[-1:], None),
        ("开户行账号 " + with_luhn("622202020011223344"), ("bank_card", with_luhn("622202020011223344"))),
        ("护照E12345678已过期", ("passport", "E12345678")),
        ("零件E12345678已过期", None),
        ("组织机构代码：D2143569-X", ("organization_code", "D2143569-X")),
        ("型号D2143569-X", None),
        ("身份证110105491231002", ("resident_id", "110105491231002")),
        ("流水110105491231002", None),
        ("生于1990-01-31", ("date_of_birth", "1990-01-31")),
        ("截止1990-01-31", None),
        ("座机62345678", ("landline_phone", "62345678")),
        ("编码62345678", None),
        ("ip: 1.2.3.4", ("ip_address", "1.2.3.4")),
        ("条款 8.1.10.6 规定", None),
        ("recipient 62345678", None),
    ],
)
def test_weak_numbers_need_a_word_beside_them(text: str, expected: tuple[str, str] | None) -> None:
    found = [one for one in _found(text) if one[0] not in {"address", "person_name", "company_name"}]
    assert found == ([expected] if expected else [])


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("password=Abc12345!", "Abc12345!"),
        ('{"db_password": "Tr0ub4dor&3"}', "Tr0ub4dor&3"),
        ("口令：Gov@2024pass", "Gov@2024pass"),
        ("key LTAI5tQnKxGm3ZpWsVbR8yHc", "LTAI5tQnKxGm3ZpWsVbR8yHc"),
        ("AKIAIOSFODNN7EXAMPLE", "AKIAIOSFODNN7EXAMPLE"),
        ("Authorization: Bearer mF_9.B5f-4.1JqM2kd83jfls9", "mF_9.B5f-4.1JqM2kd83jfls9"),
        ("-----BEGIN RSA PRIVATE KEY-----\nMII", "-----BEGIN RSA PRIVATE KEY-----"),
    ],
)
def test_keys_and_secrets_are_found(text: str, secret: str) -> None:
    assert _found(text) == [("secret_key", secret)]


@given(st.text(max_size=300))
def test_any_text_is_read_without_failing(text: str) -> None:
    hits = text_scanner().find(text)
    assert all(0 <= hit.start < hit.end <= len(text) and 0 < hit.confidence <= 1 for hit in hits)
    assert all(one.end <= other.start for one, other in pairwise(hits))


def test_lone_surrogates_are_read() -> None:
    assert _found("\ud800手机13812345678") == [("mobile_phone", "13812345678")]
