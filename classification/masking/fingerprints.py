"""Keyed fingerprints tell whether two values are equal and not what they are (HMAC-SM3: RFC 2104, GB/T 32905)."""

from __future__ import annotations

from collections.abc import Sequence

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.hmac import HMAC

from classification.masking.errors import FingerprintKeyError
from classification.masking.normal_form import normal_form
from classification.masking.policy import masking_policy

KEY_BYTES = 32
_KEY_ID_DIGITS = 8
_KEY_ID_PURPOSE = b"fengsui fingerprint key id"
_VALUE_PURPOSE = b"fengsui fingerprint\0"


class Fingerprints:
    """Makes fingerprints with one key and reads those of older keys; safe for use by several threads."""

    def __init__(self, key: bytes, older: Sequence[bytes] = ()) -> None:
        """Take the key of new fingerprints, and the keys of those made before.

        Raises:
            FingerprintKeyError: a key is shorter than 32 bytes.
        """
        if any(len(each) < KEY_BYTES for each in (key, *older)):
            raise FingerprintKeyError(f"A fingerprint key has fewer than {KEY_BYTES} bytes; restore it from the backup")
        self._bases = {_key_id(each): HMAC(each, hashes.SM3()) for each in (key, *older)}
        self.key_id = _key_id(key)

    @property
    def key_ids(self) -> tuple[str, ...]:
        """The ids of all keys known, the present one first."""
        return tuple(self._bases)

    def of(self, value: object, category: str | None) -> str:
        """``{key id}:{64 hexadecimal digits}`` of the value's normal form; equal for equal values of a category.

        Categories of one kind (mobile numbers, telephone numbers) join too, as ``masking.yml`` says.
        """
        return self._made(self.key_id, value, category)

    def all_of(self, value: object, category: str | None) -> tuple[str, ...]:
        """The fingerprints that the value has under every key known, to be looked for after a rotation."""
        return tuple(self._made(key_id, value, category) for key_id in self._bases)

    def matches(self, fingerprint: str, value: object, category: str | None) -> bool:
        """Whether a fingerprint, of this key or an older one, is the value's.

        Raises:
            FingerprintKeyError: it was made with a key that is not known here.
        """
        key_id = fingerprint.partition(":")[0]
        if key_id not in self._bases:
            raise FingerprintKeyError(
                f"The fingerprint's key {key_id[:_KEY_ID_DIGITS]!r} is not known; restore its key"
            )
        return self._made(key_id, value, category) == fingerprint

    def _made(self, key_id: str, value: object, category: str | None) -> str:
        code = self._bases[key_id].copy()
        kind = masking_policy().of(category).joins or category or ""
        text = f"{kind}\0{normal_form(value, category)}"
        code.update(_VALUE_PURPOSE + text.encode("utf-8", "surrogatepass"))
        return f"{key_id}:{code.finalize().hex()}"


def _key_id(key: bytes) -> str:
    code = HMAC(key, hashes.SM3())
    code.update(_KEY_ID_PURPOSE)
    return code.finalize().hex()[:_KEY_ID_DIGITS]
