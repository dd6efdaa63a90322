"""What of a value may be shown: never more than the policy says, whatever comes in."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from classification.masking import MaskingPolicy, mask, mask_text, masking_policy

_POLICY = masking_policy()
_CATEGORIES = st.sampled_from([*_POLICY.categories, "no_such_category", "", None])
_VALUES = st.one_of(
    st.text(max_size=40),
    st.text("*0123456789", max_size=24),
    st.integers(),
    st.floats(),
    st.none(),
    st.binary(max_size=20),
    st.text(st.characters(codec=None), max_size=30),
)


def _shown(masked: str, text: str) -> tuple[int, int]:
    """How many characters of the text stand at the head and at the tail of its mask."""
    head = next((i for i, (a, b) in enumerate(zip(masked, text, strict=False)) if a != b), min(len(masked), len(text)))
    rest = masked[head:].lstrip("*")
    return head, len(rest)


@pytest.mark.parametrize(
    ("value", "category", "shown"),
    [
        ("110101199003077758", "resident_id", "110*************58"),
        ("13812345678", "mobile_phone", "138******78"),
        ("6222021234567890123", "bank_card", "6222***********0123"),
        ("张三", "person_name", "张**"),
        ("欧阳娜娜", "person_name", "欧***"),
        ("黑龙江省绥化市北林区中兴路1号", "address", "黑龙江省绥化*********"),
        ("京A12345", "license_plate", "京A*****"),
        ("110101199003077758", "no_such_category", "****************"),
        ("13", "mobile_phone", "1**"),
        ("1", "mobile_phone", "**"),
        ("", "mobile_phone", "**"),
        (13812345678, "mobile_phone", "138******78"),
        ("x" * 1_000_000, "secret_key", "*" * 16),
        ("11\n101199003077758", "resident_id", "11**************58"),
        ("***", "person_name", "****"),
    ],
)
def test_a_category_shows_its_ends_and_no_more(value: object, category: str, shown: str) -> None:
    assert mask(value, category) == shown


@given(_VALUES, _CATEGORIES)
def test_no_mask_is_its_value_or_shows_more_than_the_policy(value: object, category: str | None) -> None:
    text, masked = str(value), mask(value, category)
    assert masked != text
    allowed = _POLICY.of(category)
    visible = [character for character in masked if character != "*"]
    head = min(allowed.head, len(text) // 2)
    assert len(visible) <= head + (allowed.tail if len(text) >= _POLICY.tail_from_length else 0)
    assert all(character.isprintable() for character in masked)
    assert len(masked) <= max(_POLICY.mask_length.maximum, len(text)) + allowed.head + allowed.tail + 1


@given(st.text(st.characters(exclude_characters="*", categories=["L", "N"]), min_size=1, max_size=40))
def test_all_masks_of_a_value_together_show_no_more_than_the_ceiling(text: str) -> None:
    shown = [_shown(mask(text, category), text) for category in [*_POLICY.categories, "no_such_category"]]
    head, tail = max(each[0] for each in shown), max(each[1] for each in shown)
    assert head <= _POLICY.ceiling.head
    assert tail <= _POLICY.ceiling.tail
    assert head + tail < len(text)


@given(st.text(max_size=40), _CATEGORIES)
def test_a_value_has_one_mask(text: str, category: str | None) -> None:
    assert mask(text, category) == mask(text, category)


@dataclass(frozen=True, slots=True)
class _Hit:
    category: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Scanner:
    hits: tuple[_Hit, ...]

    def find(self, _text: str) -> tuple[_Hit, ...]:
        return self.hits


def test_a_text_keeps_what_is_no_hit() -> None:
    text = "联系电话13812345678请回电，证件110101199003077758。"
    found = _Scanner((_Hit("resident_id", 21, 39), _Hit("mobile_phone", 4, 15)))
    assert mask_text(text, found) == "联系电话138******78请回电，证件110*************58。"
    assert mask_text(text, _Scanner(())) == text


def test_hits_that_overlap_are_hidden_as_one() -> None:
    found = _Scanner((_Hit("mobile_phone", 0, 11), _Hit("bank_card", 5, 19), _Hit("mobile_phone", 19, 22)))
    assert mask_text("1381234567890123456abc", found) == "*" * 16 + "a**"
    twice = _Scanner((_Hit("mobile_phone", 0, 11), _Hit("mobile_phone", 0, 11)))
    assert mask_text("13812345678", twice) == "138******78"


@given(st.text("0123456789", min_size=1, max_size=60), st.lists(st.tuples(st.integers(0, 59), st.integers(1, 30))))
def test_no_hit_survives_in_a_masked_text(text: str, ranges: list[tuple[int, int]]) -> None:
    hits = tuple(
        _Hit("person_name", start, min(start + size, len(text))) for start, size in ranges if start < len(text)
    )
    covered = {place for hit in hits for place in range(hit.start, hit.end)}
    masked = mask_text(text, _Scanner(hits))
    visible = len([character for character in masked if character != "*"])
    assert visible <= len(text) - len(covered) + len(hits)
    assert bool(covered) == (masked != text)


@pytest.mark.parametrize(
    "change",
    [
        {"categories": {"a": {"head": 7}}},
        {"categories": {"a": {"tail": 5}}},
        {"tail_from_length": 8},
        {"head_share_percent": 51},
        {"mask_length": {"minimum": 3, "maximum": 2}},
        {"categories": {"a": {"form": "digits"}}},
        {"shown": 1},
    ],
)
def test_a_policy_that_could_show_a_whole_value_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        MaskingPolicy.model_validate(_POLICY.model_dump() | change)
