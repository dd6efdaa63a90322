"""Files that only save time: written whole or not at all, and believed only when they are ours and undamaged.

A file begins with a hash of its own content. One that is damaged, or that somebody else could have written, is not
looked at; whoever asks for it makes its content anew.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path

_DIGEST_BYTES = 32
_OTHERS_MAY_WRITE = 0o022


def read_kept(path: Path) -> bytes | None:
    """What a file holds; None where it is absent, damaged or not ours alone."""
    try:
        with path.open("rb") as file:
            status = os.fstat(file.fileno())
            if status.st_uid != os.geteuid() or status.st_mode & _OTHERS_MAY_WRITE:
                return None
            digest, data = file.read(_DIGEST_BYTES), file.read()
    except OSError:
        return None
    return data if _digest(data) == digest else None


def keep(path: Path, data: bytes, most: int) -> None:
    """Write a file, and drop the oldest of its suffix beyond ``most``; a folder that can't be written is let be."""
    with suppress(OSError):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
            file.write(_digest(data))
            file.write(data)
        Path(file.name).replace(path)
        kept = sorted(path.parent.glob(f"*{path.suffix}"), key=lambda each: each.stat().st_mtime)
        for old in kept[:-most]:
            old.unlink(missing_ok=True)


def code_digest(folders: Iterable[Path], libraries: Iterable[str]) -> bytes:
    """Stands for the modules in some folders and the libraries under them: what other ones made is another thing."""
    digest = hashlib.blake2b(digest_size=_DIGEST_BYTES)
    for name in libraries:
        digest.update(f"{name} {version(name)}\n".encode())
    for folder in folders:
        for path in sorted(folder.glob("*.py")):
            digest.update(path.read_bytes())
    return digest.digest()


def _digest(data: bytes) -> bytes:
    return hashlib.blake2b(data, digest_size=_DIGEST_BYTES).digest()
