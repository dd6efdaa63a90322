"""A box that only who knows a passphrase can open (scrypt, RFC 7914; then SM4-GCM)."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from fengsui.errors import FengsuiError
from store.records.secrets import SecretBox

_PURPOSE = "backup"
_KEY_BYTES = 32
_SALT_BYTES = 16
_LEAST_CHARACTERS = 12
_N, _R, _P = 1 << 17, 8, 1
"""OWASP's minimum for scrypt: 128 MiB of memory a guess."""
_MOST_N = 1 << 20


@dataclass(frozen=True, slots=True)
class Stretching:
    """How a passphrase became a key; kept beside what it sealed."""

    salt: str
    n: int = _N
    r: int = _R
    p: int = _P

    @staticmethod
    def new() -> Stretching:
        """With a new salt."""
        return Stretching(secrets.token_hex(_SALT_BYTES))

    def box(self, passphrase: str) -> SecretBox:
        """The box of a passphrase.

        Raises:
            ValueError: the figures are not those of this program.
        """
        if not (_N <= self.n <= _MOST_N and (self.r, self.p) == (_R, _P)):
            raise ValueError("unknown figures of scrypt")
        kdf = Scrypt(bytes.fromhex(self.salt), _KEY_BYTES, self.n, self.r, self.p)
        return SecretBox(kdf.derive(passphrase.encode()), _PURPOSE)


def read_passphrase(file: Path | None, apart_from: Iterable[Path] = ()) -> str:
    """The passphrase in a file: its first line.

    Raises:
        FengsuiError: there is no file, too little in it, or it lies in one of the folders that it must not lie in.
    """
    if file is None:
        raise FengsuiError(
            "a backup is sealed by a passphrase: put one in a file that is kept elsewhere, and "
            "name it with --passphrase-file or backup.passphrase_file"
        )
    for folder in apart_from:
        if file.resolve().is_relative_to(folder.resolve()):
            raise FengsuiError(f"{file}: lies in {folder}, so who gets that gets both; keep the passphrase elsewhere")
    try:
        passphrase = next(iter(file.read_text(encoding="utf-8").splitlines()), "").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise FengsuiError(f"{file}: the passphrase can't be read; give this user the file") from error
    if len(passphrase) < _LEAST_CHARACTERS:
        raise FengsuiError(f"{file}: the first line has fewer than {_LEAST_CHARACTERS} characters; take a longer one")
    return passphrase
