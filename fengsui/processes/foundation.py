"""What every process stands on: the data folder, the records database, the keys."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from audit import CheckpointSigner, Trust
from fengsui.errors import FengsuiError
from fengsui.settings import Settings
from store.records import RecordsDatabase
from store.records.migrate import upgrade

RESTORING = ".restoring"
"""A file that lies in the data folder while a restore puts things in their places."""
_KEY_BYTES = 32
_OWNER_ONLY = 0o700
_OWNER_READS = 0o600


def prepare_data_dir(settings: Settings) -> None:
    """Make the data folder, readable by its owner alone.

    Raises:
        FengsuiError: it can't be made or written.
    """
    folder = settings.data_dir
    try:
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(_OWNER_ONLY)
    except OSError as error:
        raise FengsuiError(f"{folder}: {error.strerror}; give this user the folder, or set data_dir") from error
    if (folder / RESTORING).exists():
        raise FengsuiError(f"{folder}: a restore was cut short here; run `fengsui restore` again before anything else")


def open_records(settings: Settings) -> RecordsDatabase:
    """The records database, brought to the present schema."""
    records = RecordsDatabase(settings.records_database_url)
    upgrade(records)
    return records


def signing_key(settings: Settings) -> bytes:
    """The key that signs cursors and CSRF tokens: random bytes, made once and kept in the data folder.

    Raises:
        FengsuiError: the key file has been cut.
    """
    return _kept_key(settings.data_dir / "signing.key", "delete it and everyone signs in again")


def secrets_key(settings: Settings) -> bytes:
    """The key that seals secrets in the records database: random bytes, made once and kept in the data folder.

    Raises:
        FengsuiError: the key file has been cut.
    """
    return _kept_key(settings.data_dir / "secrets.key", "restore it from the backup")


def checkpoint_signer(settings: Settings) -> CheckpointSigner:
    """Who vouches for the audit trail; the public key stands beside the private one, to be published.

    Raises:
        FengsuiError: the key file has been cut.
    """
    folder = settings.audit_dir
    folder.mkdir(parents=True, exist_ok=True)
    signer = CheckpointSigner(_kept_key(folder / "checkpoint.key", "restore it from the backup"))
    (folder / "checkpoint.pub").write_text(signer.public_key.hex() + "\n", encoding="ascii")
    return signer


def trail_trust(settings: Settings) -> Trust:
    """What a check of the audit trail believes: the own public key, and every copy of the checkpoints."""
    return Trust((checkpoint_signer(settings).public_key,), settings.anchor_files)


def _kept_key(path: Path, remedy: str) -> bytes:
    if not path.exists():
        _create_key(path)
    key = path.read_bytes()
    if len(key) != _KEY_BYTES:
        raise FengsuiError(f"{path}: not {_KEY_BYTES} bytes long; {remedy}")
    return key


def _create_key(path: Path) -> None:
    """Write the key whole before it gets its name, so that two processes starting together agree on one."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.touch(mode=_OWNER_READS)
    draft.write_bytes(secrets.token_bytes(_KEY_BYTES))
    try:
        os.link(draft, path)
    except FileExistsError:
        pass  # another process was first: its key counts
    finally:
        draft.unlink()
