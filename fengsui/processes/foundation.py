"""What every process stands on: the data folder, the records database, the signing key."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from fengsui.errors import FengsuiError
from fengsui.settings import Settings
from policies.retention import storage_policy
from store import EmbeddedEventStore
from store.records import RecordsDatabase
from store.records.migrate import upgrade

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


def open_records(settings: Settings) -> RecordsDatabase:
    """The records database, brought to the present schema."""
    records = RecordsDatabase(settings.records_database_url)
    upgrade(records)
    return records


def open_store(settings: Settings) -> EmbeddedEventStore:
    """The event store for writing, kept by the retention policy.

    Raises:
        StoreLockedError: another process writes it.
    """
    return EmbeddedEventStore(settings.events_dir, "write", storage_policy())


def signing_key(settings: Settings) -> bytes:
    """The key that signs cursors and CSRF tokens: 32 random bytes, made once and kept in the data folder.

    Raises:
        FengsuiError: the key file has been cut.
    """
    path = settings.data_dir / "signing.key"
    if not path.exists():
        _create_key(path)
    key = path.read_bytes()
    if len(key) < _KEY_BYTES:
        raise FengsuiError(f"{path}: shorter than {_KEY_BYTES} bytes; delete it and everyone signs in again")
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
