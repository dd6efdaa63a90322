"""Putting the files of a backup into a data folder: staged beside what is there, then moved into place."""

from __future__ import annotations

import fcntl
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from fengsui.backup.data_files import DATA
from fengsui.backup.errors import BackupRefusedError
from fengsui.backup.files import Copying
from fengsui.backup.records import POSTGRESQL_COPY
from fengsui.backup.verifying import VerifiedBackup
from fengsui.processes.foundation import RESTORING
from fengsui.progress import with_progress

_STAGE = ".restoring-stage"
_BEFORE = ".before-restore-"
_IGNORED = ("lost+found", _STAGE, RESTORING)
_LOCKS = ("events/.writer.lock", "playbooks.lock")
_OWNER_ONLY, _OWNER_READS = 0o700, 0o600


@contextmanager
def stopped(data_dir: Path) -> Iterator[None]:
    """Hold what the processes of an installation hold while they work, so that none can begin.

    Raises:
        BackupRefusedError: one is working.
    """
    held = []
    try:
        for name in _LOCKS:
            if (data_dir / name).exists():
                held.append((data_dir / name).open("ab"))
                fcntl.flock(held[-1], fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError as error:
        raise BackupRefusedError(f"{data_dir}: Fengsui is running here; stop all its processes first") from error
    finally:
        for lock in held:
            lock.close()


def entries_of(data_dir: Path) -> list[Path]:
    """What lies in a data folder, beside what earlier restores set aside or left."""
    if not data_dir.is_dir():
        return []
    return [path for path in data_dir.iterdir() if path.name not in _IGNORED and not path.name.startswith(_BEFORE)]


def stage(backup: VerifiedBackup, data_dir: Path) -> Path:
    """Copy the data and write the keys to a folder aside, each file checked once more as it is copied.

    Raises:
        BackupRefusedError: a file is no longer what it was when the backup was verified.
    """
    staged = data_dir / _STAGE
    shutil.rmtree(staged, ignore_errors=True)
    staged.mkdir(mode=_OWNER_ONLY, parents=True)
    copying = Copying(staged)
    for entry in with_progress([*backup.below(DATA)], lambda _entry: 1):
        path = entry.path.removeprefix(f"{DATA}/")
        if path == POSTGRESQL_COPY:
            continue
        copying.copy(backup.folder / entry.path, path)
        if copying.entries[path].sha256 != entry.sha256:
            raise BackupRefusedError(f"{entry.path} was changed while it was restored; nothing was put in place")
    for path, key in backup.keys.items():
        target = staged / path
        target.parent.mkdir(mode=_OWNER_ONLY, parents=True, exist_ok=True)
        target.touch(mode=_OWNER_READS)
        target.write_bytes(key)
    return staged


def put_in_place(staged: Path, data_dir: Path) -> Path | None:
    """Set aside what lies in the data folder and move the staged in; returns where the old lies, None for none.

    While this goes on a marker keeps every process from starting: cut short, the restore is to be run again.
    """
    marker = data_dir / RESTORING
    marker.touch()
    aside = None
    if present := entries_of(data_dir):
        aside = data_dir / f"{_BEFORE}{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
        aside.mkdir(mode=_OWNER_ONLY)
        for path in present:
            path.rename(aside / path.name)
    for path in staged.iterdir():
        path.rename(data_dir / path.name)
    staged.rmdir()
    return aside


def finish(data_dir: Path) -> None:
    """Let processes start again."""
    (data_dir / RESTORING).unlink(missing_ok=True)
