"""Signatures hold against Standard Webhooks' own example, tampering, age and rotation."""

from __future__ import annotations

import pytest

from playbooks import SignatureError
from playbooks.webhooks.signature import new_secret, signed_headers, verify

BODY = b'{"test": 2432232314}'
KEY = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
"""The example of the Standard Webhooks specification."""


def test_the_published_example() -> None:
    headers = signed_headers("msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, BODY, [KEY])
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_rotation_signs_with_both() -> None:
    old, new = new_secret(), new_secret()
    headers = signed_headers("m", 1000, BODY, [new, old])
    for known in (old, new):
        assert verify(headers, BODY, [known], 1000, 300) == "m"
    with pytest.raises(SignatureError):
        verify(headers, BODY, [new_secret()], 1000, 300)


@pytest.mark.parametrize(
    ("change", "body", "now"),
    [
        ({"webhook-id": "other"}, BODY, 1000),
        ({"webhook-timestamp": "1001"}, BODY, 1000),
        ({"webhook-signature": ""}, BODY, 1000),
        ({"webhook-signature": "v1a,AAAA é"}, BODY, 1000),
        ({"webhook-timestamp": "x"}, BODY, 1000),
        ({"webhook-timestamp": "٣"}, BODY, 1000),
        ({}, BODY + b" ", 1000),
        ({}, BODY, 1301),
        ({}, BODY, 699),
    ],
)
def test_what_was_touched_or_is_old_is_refused(change: dict[str, str], body: bytes, now: int) -> None:
    key = new_secret()
    headers = {**signed_headers("m", 1000, BODY, [key]), **change}
    with pytest.raises(SignatureError):
        verify(headers, body, [key], now, 300)
