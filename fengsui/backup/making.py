"""Making a backup beside a running installation."""

from __future__ import annotations

import fcntl
import getpass
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Literal

from audit import Actor, AuditEntry, record
from events import format_timestamp, now_ms
from fengsui.backup.data_files import (
    DATA,
    copy_anchors,
    copy_attachments,
    copy_event_days,
    copy_keys,
    copy_site,
    copy_spools,
)
from fengsui.backup.errors import BackupError, BackupRefusedError
from fengsui.backup.files import Copying, Earlier
from fengsui.backup.manifest import SEAL, ClusterSnapshot, Contents, Manifest, read_manifest, write_manifest
from fengsui.backup.records import WORKFLOWS, Counted, copy_records, copy_sqlite
from fengsui.settings import Settings
from store.records import RecordsDatabase

_PARTIAL = ".partial-"
_SCRATCH = ".backup-scratch"
_OWNER_ONLY = 0o700


@dataclass(frozen=True, slots=True)
class Made:
    """A backup that is whole: where it lies, and what it took."""

    name: str
    path: str
    files: int
    linked: int
    bytes: int
    events: int
    audit_records: int
    sm3: str
    removed: tuple[str, ...] = ()


def make_backup(settings: Settings, records: RecordsDatabase, target: Path, passphrase: str) -> Made:
    """Make a backup in a folder of ``target``; files that the latest one there holds already are linked to it.

    Until it is whole it has a name that ``restore`` does not take; what a crash left of one is removed by the next.

    Raises:
        BackupError: the target can't be written, another backup is being made there, or a source is damaged.
    """
    try:
        with _alone(target):
            name = _new_name(target)
            partial = target / f"{_PARTIAL}{name}"
            partial.mkdir(mode=_OWNER_ONLY)
            try:
                made = _fill(settings, records, Copying(partial, _latest(target, passphrase)), passphrase)
                _publish(partial, target / name)
            except BaseException:
                shutil.rmtree(partial, ignore_errors=True)
                raise
    except OSError as error:
        raise BackupError(f"{error.filename or target}: {error.strerror}; see that it can be written to") from error
    with records.begin() as session:
        record(session, _entry(made, str(target / name)))
    return made


def remove_older(settings: Settings, target: Path, keep: int, passphrase: str) -> tuple[str, ...]:
    """Remove all but the newest whole backups of a folder, with their snapshots; returns the names of the removed.

    Raises:
        StoreError: the cluster doesn't delete a snapshot; its backup then stays too.
    """
    surplus = _whole(target)[:-keep]
    for folder in surplus:
        if settings.store is not None:
            from fengsui.backup.cluster import delete_snapshots  # noqa: PLC0415 (the client takes a second to load)

            delete_snapshots(settings, _snapshots_of(folder, settings, passphrase))
        away = target / f"{_PARTIAL}{folder.name}"
        folder.rename(away)  # so that half of one is never taken for a backup
        shutil.rmtree(away)
    return tuple(folder.name for folder in surplus)


def _fill(settings: Settings, records: RecordsDatabase, copying: Copying, passphrase: str) -> Made:
    """The order is that of the package's first page: never is what comes later older than what came before."""
    copy_spools(settings, copying)
    copy_anchors(settings, copying)
    counted = _copy_databases(settings, records, copying)
    name = copying.folder.name.removeprefix(_PARTIAL)
    snapshot, events = _events(settings, copying, name)
    copy_attachments(settings, copying)
    copy_site(settings, copying)
    copy_keys(settings, copying)
    engine: Literal["sqlite", "postgresql"] = (
        "postgresql" if records.url.get_backend_name() == "postgresql" else "sqlite"
    )
    manifest = Manifest(
        name=name,
        created=format_timestamp(now_ms()),
        product=version("fengsui"),
        contents=Contents(records=engine, events=events, cluster=snapshot, **asdict(counted)),
        files=tuple(copying.entries[path] for path in sorted(copying.entries)),
    )
    digest = write_manifest(copying.folder, manifest, passphrase)
    size = sum(entry.bytes for entry in manifest.files)
    path = str(copying.folder.parent / name)
    return Made(name, path, len(manifest.files), copying.linked, size, events, counted.audit_records, digest)


def _copy_databases(settings: Settings, records: RecordsDatabase, copying: Copying) -> Counted:
    """Copies that are not sealed yet lie beside the originals, for nothing in plain may lie where backups are."""
    with _scratch(settings.data_dir / _SCRATCH) as scratch:
        if (settings.data_dir / WORKFLOWS).exists():
            copy_sqlite(settings.data_dir / WORKFLOWS, scratch / WORKFLOWS)
            copying.copy(scratch / WORKFLOWS, f"{DATA}/{WORKFLOWS}")
        return copy_records(records, copying, DATA, scratch)


def _events(settings: Settings, copying: Copying, name: str) -> tuple[ClusterSnapshot | None, int]:
    if settings.store is None:
        return None, copy_event_days(settings, copying)
    from fengsui.backup.cluster import snapshot_events  # noqa: PLC0415 (the client takes a second to load)

    return snapshot_events(settings, name)


def _snapshots_of(folder: Path, settings: Settings, passphrase: str) -> list[tuple[str, str]]:
    """A backup's snapshot, by its repository; of one that another passphrase sealed, where it would be by its name."""
    try:
        snapshot = read_manifest(folder, passphrase)[0].contents.cluster
    except BackupRefusedError:
        repository = settings.backup.repository
        return [(repository, folder.name.lower())] if repository else []
    return [(snapshot.repository, snapshot.snapshot)] if snapshot else []


def _publish(partial: Path, final: Path) -> None:
    os.sync()
    partial.rename(final)
    descriptor = os.open(final.parent, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _alone(target: Path) -> Iterator[None]:
    """Be the only one who makes a backup there, and remove what a crash left."""
    target.mkdir(mode=_OWNER_ONLY, parents=True, exist_ok=True)
    with (target / ".lock").open("wb") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise BackupError(f"{target}: another backup is being made there; wait for its end") from error
        for left in target.glob(f"{_PARTIAL}*"):
            shutil.rmtree(left)
        yield


@contextmanager
def _scratch(folder: Path) -> Iterator[Path]:
    """An empty folder for the length of a block; what a crash left in it goes first."""
    folder.mkdir(mode=_OWNER_ONLY, exist_ok=True)
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        for left in folder.iterdir():
            left.unlink()
        yield folder
        shutil.rmtree(folder)
    except BlockingIOError as error:
        raise BackupError(f"{folder.parent}: another backup of it is being made; wait for its end") from error
    finally:
        os.close(descriptor)


def _new_name(target: Path) -> str:
    stem = f"fengsui-{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    names = (stem, *(f"{stem}-{number}" for number in range(2, 100)))
    return next(name for name in names if not (target / name).exists())


def _latest(target: Path, passphrase: str) -> Earlier | None:
    """The newest backup there that the same passphrase sealed: no other's digests are believed."""
    for folder in reversed(_whole(target)):
        try:
            manifest, _digest = read_manifest(folder, passphrase)
        except BackupRefusedError:
            continue
        return Earlier(folder, {entry.path: entry for entry in manifest.files})
    return None


def _whole(target: Path) -> list[Path]:
    """The whole backups of a folder, oldest first."""
    return sorted(path.parent for path in target.glob(f"fengsui-*/{SEAL}"))


def _entry(made: Made, path: str) -> AuditEntry:
    after = {"path": path, "sm3": made.sm3, "files": made.files, "bytes": made.bytes, "events": made.events}
    actor = Actor("system", "command-line", getpass.getuser())
    return AuditEntry(actor, "backup:create", "backup", made.name, after=after)
