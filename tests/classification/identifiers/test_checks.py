"""The checks of identifiers: known numbers, an independent implementation, and what one wrong digit does."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import iban as their_iban
from stdnum import luhn as their_luhn
from stdnum.cn import ric, uscc

from classification.identifiers import load_identifiers
from classification.identifiers.checks import CHECKS
from classification.identifiers.places import place_names
from classification.identifiers.regions import is_region, prefecture_codes
from tests.classification.valid_identifiers import bank_cards, resident_ids, social_credit_codes, with_mod_11_2


@pytest.mark.parametrize(
    ("check", "value"),
    [
        ("resident_id", "11010519491231002X"),
        ("resident_id", "11010519491231002x"),
        ("resident_id", "440524188001010014"),
        ("resident_id", "810000199408230021"),
        ("resident_id", "830000199201300022"),
        ("resident_id", "110105 19491231 002X"),
        ("resident_id_15", "110105491231002"),
        ("organization_code", "D2143569-X"),
        ("social_credit_code", "91110000600037341L"),
        ("social_credit_code_with_letter", "91110000600037341L"),
        ("bank_card", "4111111111111111"),
        ("bank_card", "5500-0000-0000-0004"),
        ("vin", "1M8GDM9AXKP042788"),
        ("hkid", "A123456(3)"),
        ("hkid", "A1234563"),
        ("mobile_phone", "+86 138-1234-5678"),
        ("mobile_phone", "19912345678"),
        ("landline_phone", "010-62345678"),
        ("landline_phone", "0571-88888881转123"),
        ("landline_phone", "+86 10 62345678"),
        ("license_plate", "京A12345"),
        ("license_plate", "粤B·D12345"),
        ("license_plate", "沪A12345D"),
        ("license_plate", "粤Z1234港"),
        ("passport", "E12345678"),
        ("passport", "EA1234567"),
        ("hk_macau_permit", "C12345678"),
        ("taiwan_permit", "L12345678"),
        ("mainland_travel_permit", "H1234567801"),
        ("ipv4_no_clause", "10.0.0.1"),
        ("ipv4_no_clause", "8.8.8.80"),
        ("ipv4", "1.2.3.4"),
        ("ipv6", "2001:db8::1"),
        ("mac_address", "00:1A:2b:3c:4d:5e"),
        ("coordinates_in_china", "116.397128,39.916527"),
        ("iban", "GB82 WEST 1234 5698 7654 32"),
        ("birth_date", "1990年1月31日"),
        ("birth_date", "4/21/1958"),
        ("us_social_security_number", "172-32-1176"),
        ("swift_code", "DEUTDEFF"),
        ("imei", "356938035643809"),
        ("json_web_token", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln"),
    ],
)
def test_what_is_valid_passes(check: str, value: str) -> None:
    assert CHECKS[check](value)


@pytest.mark.parametrize(
    ("check", "value"),
    [
        ("resident_id", "110105194912310021"),
        ("resident_id", with_mod_11_2("11010519490231002")),  # no 31 February
        ("resident_id", with_mod_11_2("99010519491231002")),  # no such province
        ("resident_id", with_mod_11_2("11010529491231002")),  # not born yet
        ("social_credit_code_with_letter", "911101050000000000"),
        ("bank_card", "4111111111111112"),
        ("bank_card", "9111111111111111"),
        ("vin", "1M8GDM9A1KP042788"),
        ("vin", "11111111111111111"),
        ("hkid", "A123456(4)"),
        ("mobile_phone", "12812345678"),
        ("mobile_phone", "13800000000"),
        ("license_plate", "京I12345"),
        ("license_plate", "京AABCDE"),
        ("ipv4_no_clause", "8.1.10.6"),
        ("ipv4", "10.0.256.1"),
        ("ipv4", "10.00.1.1"),
        ("ipv6", "12:34:56"),
        ("ipv6", "a::b"),
        ("mac_address", "20-24-05-20-12-30"),
        ("coordinates_in_china", "60.3456,78.9012"),
        ("iban", "GB82WEST12345698765431"),
        ("us_social_security_number", "666-12-3456"),
        ("password", "******"),
        ("password", "${DB_PASSWORD}"),
        ("secret_token", "aaaaaaaaaaaaaaaaaaaa"),
        ("json_web_token", "eyJxxxxxxxxx.eyJzdWIiOiIxIn0.c2ln"),
        ("email", "icon@2x.png"),
    ],
)
def test_what_is_invalid_fails(check: str, value: str) -> None:
    assert not CHECKS[check](value)


@given(resident_ids())
def test_resident_ids_agree_with_another_implementation(number: str) -> None:
    # It knows no permits of 港澳台 (81, 82, 83), and raises KeyError for divisions whose county it doesn't know.
    assert CHECKS["resident_id"](number)
    if number[:2] < "80":
        assert ric.calc_check_digit(number) == number[17]


@given(st.text("0123456789", min_size=17, max_size=17))
def test_what_another_implementation_takes_for_a_resident_id_is_one(body: str) -> None:
    number = with_mod_11_2("110101" + body[6:])
    assert CHECKS["resident_id"](number) == ric.is_valid(number) or not "1900" <= number[6:10] <= "2025"


@given(social_credit_codes())
def test_credit_codes_agree_with_another_implementation(code: str) -> None:
    assert CHECKS["social_credit_code"](code)
    assert uscc.is_valid(code)


@given(bank_cards(), st.text("0123456789", min_size=14, max_size=19))
def test_luhn_agrees_with_another_implementation(card: str, number: str) -> None:
    assert CHECKS["bank_card_known_issuer"](card)
    assert not CHECKS["bank_card"](number) or their_luhn.is_valid(number)


@given(st.sampled_from(["DE89370400440532013000", "FR1420041010050500013M02606", "GB82WEST12345698765432"]), st.data())
def test_iban_agrees_with_another_implementation(number: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(4, len(number) - 1))
    changed = number[:place] + data.draw(st.sampled_from("0123456789")) + number[place + 1 :]
    assert CHECKS["iban"](number)
    assert CHECKS["iban"](changed) == their_iban.is_valid(changed, check_country=False)


@given(resident_ids(), st.sampled_from("0123456789X"))
def test_any_other_check_digit_is_refused(number: str, check: str) -> None:
    assert CHECKS["resident_id"](number[:17] + check) == (check == number[17])


def test_every_identifier_says_what_it_is_in_both_languages() -> None:
    for category, identifier in load_identifiers().identifiers.items():
        assert identifier.label.zh, category
        assert identifier.label.en, category
        assert identifier.patterns or identifier.columns.names, category


def test_divisions_cover_every_province_and_no_other() -> None:
    provinces = (
        11,
        12,
        13,
        14,
        15,
        21,
        22,
        23,
        *range(31, 38),
        *range(41, 47),
        *range(50, 55),
        *range(61, 66),
        71,
        81,
        82,
    )
    assert {code[:2] for code in prefecture_codes()} == set(map(str, provinces))
    assert not is_region("110160")
    assert "北京市" in place_names()
