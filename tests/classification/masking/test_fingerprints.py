"""Fingerprints: equal for equal values, of no use without the key, readable after a rotation."""

from __future__ import annotations

import stat
import threading
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.hmac import HMAC
from hypothesis import given
from hypothesis import strategies as st

from classification.masking import (
    FingerprintKeyError,
    Fingerprints,
    load_fingerprints,
    masking_policy,
    normal_form,
    rotate_key,
)

_KEY = bytes(range(32))
_MADE = Fingerprints(_KEY)
_CATEGORIES = st.sampled_from([*masking_policy().categories, "no_such_category"])


@given(st.text(max_size=30), st.text(max_size=30), _CATEGORIES)
def test_equal_normal_forms_and_equal_fingerprints_are_the_same_thing(one: str, other: str, category: str) -> None:
    same = normal_form(one, category) == normal_form(other, category)
    assert (_MADE.of(one, category) == _MADE.of(other, category)) is same


@given(st.text(max_size=30), _CATEGORIES, st.sampled_from([" ", "\t", "\u3000"]))
def test_blanks_around_a_value_and_full_width_change_nothing(value: str, category: str, blank: str) -> None:
    assert _MADE.of(blank + value + blank, category) == _MADE.of(value, category)


@pytest.mark.parametrize(
    ("category", "written"),
    [
        ("resident_id", ["11010119900307775x", "１１０１０１１９９００３０７７７５Ｘ", "110101 19900307 775X"]),
        ("resident_id", ["110101900307775", "110101 900307 775"]),
        ("mobile_phone", ["13812345678", "+86 138-1234-5678", "008613812345678", "(86)13812345678", "013812345678"]),
        ("landline_phone", ["010-12345678", "+86 10 1234 5678", "01012345678"]),
        ("bank_card", ["6222 0212 3456 7890 123", "6222021234567890123"]),
        ("email", ["Zhang@City.gov.cn", "zhang@city.gov.cn "]),
        ("license_plate", ["京A·12345", "京a12345"]),
        ("ip_address", ["2001:DB8:0:0::1", "2001:db8::1"]),
        ("mac_address", ["00:1a:2b:3c:4d:5e", "00-1A-2B-3C-4D-5E"]),
        ("person_name", ["张 三", "张三"]),
    ],
)
def test_ways_to_write_one_value_meet(category: str, written: list[str]) -> None:
    assert len({_MADE.of(each, category) for each in written}) == 1


def test_an_old_resident_id_meets_its_new_form() -> None:
    assert normal_form("110105491231002", "resident_id") == "11010519491231002X"  # GB 11643-1999, its example
    assert normal_form("11010549123100A", "resident_id") == "11010549123100A"


def test_numbers_that_differ_stay_apart() -> None:
    phones = ["8612345678", "12345678", "13812345678", "13812345679", "861381234567"]
    assert len({_MADE.of(each, "mobile_phone") for each in phones}) == len(phones)
    assert _MADE.of("13812345678", "mobile_phone") != _MADE.of("13812345678", "bank_card")


def test_a_number_joins_whichever_kind_of_telephone_it_was_taken_for() -> None:
    known = _MADE.of("13812345678", "mobile_phone")
    assert _MADE.of("+86 138 1234 5678", "phone_number") == known
    assert _MADE.of("01012345678", "landline_phone") == _MADE.of("+86 10 1234 5678", "phone_number")
    assert _MADE.matches(known, "+86-138-1234-5678", "phone_number")


def test_a_fingerprint_is_the_keyed_sm3_of_its_normal_form() -> None:
    code = HMAC(_KEY, hashes.SM3())
    code.update(b"fengsui fingerprint\0mobile_phone\x0013812345678")
    key_id, _, digits = _MADE.of("138 1234 5678", "mobile_phone").partition(":")
    assert (key_id, digits) == (_MADE.key_id, code.finalize().hex())
    assert Fingerprints(b"x" * 32).of("13812345678", "mobile_phone").partition(":")[2] != digits


def test_the_key_file_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    made = load_fingerprints(tmp_path)
    [file] = tmp_path.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert load_fingerprints(tmp_path).of("x", "email") == made.of("x", "email")


def test_processes_that_start_together_agree_on_one_key(tmp_path: Path) -> None:
    start, ids = threading.Barrier(8), []

    def open_it() -> None:
        start.wait()
        ids.append(load_fingerprints(tmp_path).key_id)

    threads = [threading.Thread(target=open_it) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(ids) == 8
    assert len(set(ids)) == 1
    assert len(list(tmp_path.iterdir())) == 1


def test_after_a_rotation_older_fingerprints_are_still_read(tmp_path: Path) -> None:
    first = load_fingerprints(tmp_path).of("13812345678", "mobile_phone")
    rotated = rotate_key(tmp_path)
    second = rotated.of("13812345678", "mobile_phone")
    assert first != second
    assert rotated.all_of("138 1234 5678", "mobile_phone") == (second, first)
    assert rotated.matches(first, "+8613812345678", "mobile_phone")
    assert not rotated.matches(first, "13812345679", "mobile_phone")
    third = rotate_key(tmp_path)
    assert third.key_ids[1:] == (second.partition(":")[0], first.partition(":")[0])
    assert stat.S_IMODE(next(tmp_path.iterdir()).stat().st_mode) == 0o600


def test_what_can_not_be_read_is_said(tmp_path: Path) -> None:
    with pytest.raises(FingerprintKeyError, match="not known"):
        _MADE.matches("00000000:ab", "x", "email")
    with pytest.raises(FingerprintKeyError, match="32 bytes"):
        Fingerprints(b"short")
    for damaged in (b"", b"zz\n", b"ab\n", b"\xff" * 64):
        (tmp_path / "fingerprint.keys").write_bytes(damaged)
        with pytest.raises(FingerprintKeyError, match="damaged"):
            load_fingerprints(tmp_path)
    with pytest.raises(FingerprintKeyError, match="data folder"):
        load_fingerprints(tmp_path / "missing")
