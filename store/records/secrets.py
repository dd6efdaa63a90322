"""Secrets at rest: sealed before they enter the database, opened only where they are used."""

from __future__ import annotations

import base64
import binascii
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.hazmat.primitives.ciphers.algorithms import SM4
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_PREFIX = "sm4gcm1."
_KEY_BYTES = 16
_NONCE_BYTES = 12
_TAG_BYTES = 16
_LEAST_SECRET = 32


class SecretError(ValueError):
    """A sealed value can't be opened: it was changed, moved to another place, or sealed with another key."""


class SecretBox:
    """Seals texts with SM4-GCM (GB/T 32907-2016, NIST SP 800-38D) under a key derived for one purpose.

    A sealed text is bound to the place it was sealed for (``context``, such as ``users/1/totp``): moved to another
    row or column it can't be opened.
    """

    def __init__(self, master: bytes, purpose: str) -> None:
        """Derive the key of a purpose (HKDF, RFC 5869, with SM3) from at least 32 random bytes.

        Raises:
            ValueError: the master key is shorter.
        """
        if len(master) < _LEAST_SECRET:
            raise ValueError(f"a master key has at least {_LEAST_SECRET} bytes")
        self._key = HKDF(hashes.SM3(), _KEY_BYTES, None, f"fengsui {purpose}".encode()).derive(master)

    def seal(self, text: str, context: str) -> str:
        """The text as it may be stored; never twice the same."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        encryptor = Cipher(SM4(self._key), modes.GCM(nonce)).encryptor()
        encryptor.authenticate_additional_data(context.encode())
        sealed = encryptor.update(text.encode()) + encryptor.finalize()
        return _PREFIX + base64.urlsafe_b64encode(nonce + encryptor.tag + sealed).decode("ascii")

    def open(self, sealed: str, context: str) -> str:
        """The text that was sealed for a place.

        Raises:
            SecretError: it was not sealed so.
        """
        try:
            data = base64.urlsafe_b64decode(sealed.removeprefix(_PREFIX))
        except (binascii.Error, ValueError) as error:
            raise SecretError(f"{context}: not a sealed value; enter the secret again") from error
        nonce, tag = data[:_NONCE_BYTES], data[_NONCE_BYTES : _NONCE_BYTES + _TAG_BYTES]
        try:
            decryptor = Cipher(SM4(self._key), modes.GCM(nonce, tag)).decryptor()
            decryptor.authenticate_additional_data(context.encode())
            return (decryptor.update(data[_NONCE_BYTES + _TAG_BYTES :]) + decryptor.finalize()).decode()
        except (InvalidTag, ValueError) as error:
            raise SecretError(f"{context}: sealed with another key, or changed; enter the secret again") from error
