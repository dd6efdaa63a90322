"""The manifest: what a backup holds, written when everything in it is on disk, and sealed."""

from __future__ import annotations

import re
from dataclasses import asdict
from pathlib import Path, PurePosixPath
from typing import Literal

import orjson
from cryptography.hazmat.primitives import hashes
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from fengsui.backup.errors import BackupRefusedError
from fengsui.backup.passphrase import Stretching
from store.records.secrets import SecretError

MANIFEST, SEAL = "manifest.json", "seal.json"
_DIGEST = r"^[0-9a-f]{64}$"
_NAME = re.compile(r"^[A-Za-z0-9._-]+$")


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class FileEntry(_Part):
    """A file of the backup; ``path`` is relative, with slashes."""

    path: str
    bytes: int = Field(ge=0)
    sha256: str = Field(pattern=_DIGEST)
    sm3: str = Field(pattern=_DIGEST)

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
    """Everything about a backup but its seal."""

    form: Literal[1] = 1
    name: str
    created: str
    product: str
    contents: Contents
    keys: tuple[str, ...]
    files: tuple[FileEntry, ...]


class Seal(_Part):
    """What only the passphrase opens: the manifest's digest, and the keys (hexadecimal) by their paths."""

    stretching: Stretching
    manifest: str
    keys: dict[str, str]


def write_manifest(folder: Path, manifest: Manifest, keys: dict[str, bytes], passphrase: str) -> str:
    """Write manifest and seal; returns the manifest's SM3 digest."""
    content = orjson.dumps(manifest.model_dump(mode="json"), option=orjson.OPT_INDENT_2)
    digest = sm3_of(content)
    stretching = Stretching.new()
    box = stretching.box(passphrase)
    seal = {
        "stretching": asdict(stretching),
        "manifest": box.seal(digest, manifest.name),
        "keys": {path: box.seal(key.hex(), f"{manifest.name}/{path}") for path, key in keys.items()},
    }
    (folder / MANIFEST).write_bytes(content)
    (folder / SEAL).write_bytes(orjson.dumps(seal, option=orjson.OPT_INDENT_2))
    return digest


def read_manifest(folder: Path) -> tuple[Manifest, str]:
    """What a folder says that it holds, and the digest of that; whether it is true, ``open_seal`` and digests tell.

    Raises:
        BackupRefusedError: there is no manifest, or it can't be read.
    """
    path = folder / MANIFEST
    if not path.is_file():
        raise BackupRefusedError(f"{folder}: no {MANIFEST}, so no whole backup; {_hint(folder)}")
    content = path.read_bytes()
    try:
        return Manifest.model_validate_json(content), sm3_of(content)
    except ValidationError as error:
        raise BackupRefusedError(
            f"{path}: damaged, or of another version of this program; take another backup"
        ) from error


def open_seal(folder: Path, manifest: Manifest, digest: str, passphrase: str) -> dict[str, bytes]:
    """The keys of a backup, once its manifest is known to be what was written.

    Raises:
        BackupRefusedError: the passphrase is another, or manifest or keys were changed.
    """
    path = folder / SEAL
    try:
        seal = Seal.model_validate_json(path.read_bytes())
        box = seal.stretching.box(passphrase)
        sealed = box.open(seal.manifest, manifest.name)
        keys = {name: bytes.fromhex(box.open(key, f"{manifest.name}/{name}")) for name, key in seal.keys.items()}
    except SecretError as error:
        raise BackupRefusedError(f"{path}: sealed with another passphrase, or changed since") from error
    except (OSError, ValueError) as error:
        raise BackupRefusedError(f"{path}: missing or damaged; take another backup") from error
    if sealed != digest or sorted(keys) != sorted(manifest.keys):
        raise BackupRefusedError(f"{folder / MANIFEST}: changed since it was written; take another backup")
    return keys


def sm3_of(content: bytes) -> str:
    """SM3 of bytes, in hexadecimal."""
    digest = hashes.Hash(hashes.SM3())
    digest.update(content)
    return digest.finalize().hex()


def _hint(folder: Path) -> str:
    within = sorted(path.parent.name for path in folder.glob(f"*/{MANIFEST}")) if folder.is_dir() else []
    return f"name one of those in it, for example {folder / within[-1]}" if within else "name the folder of a backup"
