"""Who vouches for the trail: an Ed25519 key (RFC 8032) that signs checkpoints."""

from __future__ import annotations

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from audit.verify_export import sm3

_KEY_ID_DIGITS = 16


class CheckpointSigner:
    """Signs checkpoints; ``public_key`` (32 bytes) is to be published where the database's owner can't change it."""

    def __init__(self, seed: bytes) -> None:
        """Make the signer of a seed of 32 random bytes.

        Raises:
            ValueError: the seed has another length.
        """
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self.public_key = self._key.public_key().public_bytes_raw()
        self.key_id = sm3(self.public_key).hex()[:_KEY_ID_DIGITS]

    def sign(self, message: bytes) -> bytes:
        """The signature of a message, 64 bytes."""
        return self._key.sign(message)


def signature_holds(public_key: bytes, signature: bytes, message: bytes) -> bool:
    """Whether a signature was made by the owner of a public key."""
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True
