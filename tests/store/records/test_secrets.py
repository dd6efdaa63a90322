"""What is sealed can be opened in its own place, with its own key, and not otherwise."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.records.secrets import SecretBox, SecretError

_BOX = SecretBox(bytes(range(32)), "totp")


@given(st.text(max_size=200), st.text(max_size=40))
def test_opens_what_it_sealed(text: str, context: str) -> None:
    sealed = _BOX.seal(text, context)
    assert _BOX.open(sealed, context) == text
    assert sealed != _BOX.seal(text, context)
    assert len(text) < 4 or text not in sealed


@given(st.text(min_size=1, max_size=60), st.integers(0), st.integers(0, 7))
def test_refuses_what_was_changed(text: str, at: int, bit: int) -> None:
    prefix, data = _BOX.seal(text, "users/1")[:8], bytearray(base64.urlsafe_b64decode(_BOX.seal(text, "users/1")[8:]))
    data[at % len(data)] ^= 1 << bit
    with pytest.raises(SecretError, match="users/1"):
        _BOX.open(prefix + base64.urlsafe_b64encode(data).decode(), "users/1")


def test_refuses_another_place_purpose_and_key() -> None:
    sealed = _BOX.seal("geheim", "users/1")
    for box, context in (
        (_BOX, "users/2"),
        (SecretBox(bytes(range(32)), "scan sources"), "users/1"),
        (SecretBox(bytes(32), "totp"), "users/1"),
    ):
        with pytest.raises(SecretError) as raised:
            box.open(sealed, context)
        assert "geheim" not in str(raised.value)


@pytest.mark.parametrize("junk", ["", "x", "sm4gcm1.", "sm4gcm1.!!!!", "sm4gcm1.AAAA", "秘密"])
def test_refuses_what_was_never_sealed(junk: str) -> None:
    with pytest.raises(SecretError):
        _BOX.open(junk, "users/1")


def test_refuses_a_short_key() -> None:
    with pytest.raises(ValueError, match="32"):
        SecretBox(bytes(16), "totp")
