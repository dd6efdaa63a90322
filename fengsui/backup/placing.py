"""Putting the files of a backup into a data folder: staged beside what is there, then moved into place."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from fengsui.backup.data_files import DATA
from fengsui.backup.errors import BackupRefusedError
from fengsui.backup.records import POSTGRESQL_COPY
from fengsui.backup.verifying import VerifiedBackup
from fengsui.processes.foundation import RESTORING
from fengsui.progress import with_progress

BESIDE = "from-backup"
"""Folder of a restored data folder with what belongs elsewhere: settings, the site's policies and rules, copies."""
_STAGE = ".restoring-stage"
_BEFORE = ".before-restore-"
DUMP = f"{DATA}/{POSTGRESQL_COPY}"
"""Path in a backup of records that go into a database."""
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
    """Open the files into a folder aside, each checked once more as it is written.

    Raises:
        BackupRefusedError: a file is no longer what it was when the backup was verified.
    """
    staged = data_dir / _STAGE
    shutil.rmtree(staged, ignore_errors=True)
    staged.mkdir(mode=_OWNER_ONLY, parents=True)
    for entry in with_progress(backup.manifest.files, lambda _entry: 1):
        if entry.path == DUMP:
            continue
        within = entry.path.startswith(f"{DATA}/")
        target = staged / (entry.path.removeprefix(f"{DATA}/") if within else f"{BESIDE}/{entry.path}")
        target.parent.mkdir(mode=_OWNER_ONLY, parents=True, exist_ok=True)
        with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_READS), "wb") as file:
            file.writelines(backup.content(entry))
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
