"""Canonical JSON against RFC 8785's own examples and its rules."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit import CanonicalError, canonical_json

_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def test_sorts_names_by_utf16_code_units() -> None:
    # RFC 8785 §3.2.3: the example's names, in the order it gives.
    names = ["\u20ac", "\r", "\ufb33", "1", "\U0001f600", "\u0080", "\u00f6"]
    text = canonical_json(dict.fromkeys(names, 0))
    assert list(json.loads(text)) == ["\r", "1", "\u0080", "\u00f6", "\u20ac", "\U0001f600", "\ufb33"]


def test_escapes_only_what_it_must() -> None:
    # RFC 8785 §3.2.2.2.
    assert canonical_json('\u20ac$\u000f\nA\'B"\\"/\u007f') == '"\u20ac$\\u000f\\nA\'B\\"\\\\\\"/\u007f"'


def test_leaves_no_blanks() -> None:
    assert canonical_json({"b": [1, True, None], "a": {}}) == '{"a":{},"b":[1,true,null]}'


@pytest.mark.parametrize("value", [1.5, {"a": [0.1]}, 2**53, "\ud800", {"\udfff": 1}, {1: 2}, b"x"])
def test_refuses_what_has_no_canonical_form(value: object) -> None:
    with pytest.raises(CanonicalError, match=r"\$"):
        canonical_json(value)


@given(_VALUES)
def test_says_the_same_as_the_value(value: object) -> None:
    assert json.loads(canonical_json(value)) == value


@given(st.dictionaries(st.text(), st.integers(0, 9), max_size=6))
def test_does_not_depend_on_the_order_of_insertion(mapping: dict[str, int]) -> None:
    assert canonical_json(dict(reversed(mapping.items()))) == canonical_json(mapping)


@given(_VALUES)
def test_quick_and_thorough_writing_agree(value: object) -> None:
    thorough = canonical_json((value,))  # a tuple is never written the quick way
    assert canonical_json([value]) == thorough
