"""The manifest: what a backup holds and the keys of its files; sealed, and written when all else is on disk."""

from __future__ import annotations

import io
from pathlib import Path, PurePosixPath
from typing import Literal

import orjson
from cryptography.hazmat.primitives import hashes
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from fengsui.backup.errors import BackupRefusedError
from fengsui.backup.passphrase import Stretching
from fengsui.backup.sealed_files import SealBrokenError, new_key, open_chunks, read_chunks, seal_chunks
from store.records.secrets import SecretError

MANIFEST, SEAL = "manifest.sealed", "seal.json"
_DIGEST = r"^[0-9a-f]{64}$"
_KEY = r"^[0-9a-f]{32}$"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class FileEntry(_Part):
    """A file of the backup: ``path`` is relative, with slashes; size and digests are those of what was sealed."""

    path: str
    bytes: int = Field(ge=0)
    sha256: str = Field(pattern=_DIGEST)
    sm3: str = Field(pattern=_DIGEST)
    key: str = Field(pattern=_KEY, repr=False)

    @field_validator("path")
    @classmethod
    def _within(cls, value: str) -> str:
        parts = PurePosixPath(value).parts
        if not parts or value.startswith("/") or ".." in parts or "\\" in value:
            raise ValueError("a path must lie within the backup")
        return value


class ClusterSnapshot(_Part):
    """Events that a cluster keeps in a snapshot of its own."""

    repository: str
    snapshot: str
    indexes: int


class Contents(_Part):
    """What the copies hold, counted in them."""

    records: Literal["sqlite", "postgresql"]
    revision: str
    tables: dict[str, int]
    audit_records: int
    audit_head: str
    events: int
    cluster: ClusterSnapshot | None = None


class Manifest(_Part):
    """Everything about a backup."""

    name: str
    created: str
    product: str
    contents: Contents
    files: tuple[FileEntry, ...]


class Seal(_Part):
    """What anyone may read of a backup, and the manifest's key, which only the passphrase opens."""

    form: Literal[2] = 2
    name: str
    created: str
    product: str
    stretching: Stretching
    key: str

    @property
    def context(self) -> str:
        """What the key is bound to: none of it can be exchanged."""
        return f"{self.form}/{self.name}/{self.created}/{self.product}"


def write_manifest(folder: Path, manifest: Manifest, passphrase: str) -> str:
    """Write manifest and seal; returns the manifest's SM3 digest."""
    content = orjson.dumps(manifest.model_dump(mode="json"))
    key, stretching = new_key(), Stretching.new()
    seal = Seal(name=manifest.name, created=manifest.created, product=manifest.product, stretching=stretching, key="")
    sealed = seal.model_copy(update={"key": stretching.box(passphrase).seal(key.hex(), seal.context)})
    with (folder / MANIFEST).open("wb") as file:
        file.writelines(seal_chunks(read_chunks(io.BytesIO(content)), key, MANIFEST))
    (folder / SEAL).write_bytes(orjson.dumps(sealed.model_dump(mode="json"), option=orjson.OPT_INDENT_2))
    return sm3_of(content)


def read_manifest(folder: Path, passphrase: str) -> tuple[Manifest, str]:
    """The manifest of a backup as it was written, and its SM3 digest.

    Raises:
        BackupRefusedError: there is none, the passphrase is another, or manifest or seal were changed.
    """
    seal = _read_seal(folder)
    path = folder / MANIFEST
    try:
        key = bytes.fromhex(seal.stretching.box(passphrase).open(seal.key, seal.context))
    except SecretError as error:
        raise BackupRefusedError(f"{folder / SEAL}: sealed with another passphrase, or changed since") from error
    except ValueError as error:
        raise _damaged(folder / SEAL) from error
    try:
        with path.open("rb") as file:
            content = b"".join(open_chunks(file, key, MANIFEST))
        return Manifest.model_validate_json(content), sm3_of(content)
    except SealBrokenError as error:
        raise BackupRefusedError(f"{path}: cut, or changed since it was written; take another backup") from error
    except (OSError, ValidationError) as error:
        raise _damaged(path) from error


def _read_seal(folder: Path) -> Seal:
    path = folder / SEAL
    if not path.is_file():
        raise BackupRefusedError(f"{folder}: no {SEAL}, so no whole backup; {_hint(folder)}")
    try:
        return Seal.model_validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        raise _damaged(path) from error


def _damaged(path: Path) -> BackupRefusedError:
    return BackupRefusedError(f"{path}: missing, damaged, or of another version of this program; take another backup")


def sm3_of(content: bytes) -> str:
    """SM3 of bytes, in hexadecimal."""
    digest = hashes.Hash(hashes.SM3())
    digest.update(content)
    return digest.finalize().hex()


def _hint(folder: Path) -> str:
    within = sorted(path.parent.name for path in folder.glob(f"*/{SEAL}")) if folder.is_dir() else []
    return f"name one of those in it, for example {folder / within[-1]}" if within else "name the folder of a backup"
