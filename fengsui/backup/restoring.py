"""Restoring a backup into an installation that is stopped."""

from __future__ import annotations

import getpass
import os
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from audit import Actor, AuditEntry, Trust, record, verify_trail
from audit.verify_export import Verdict, read_lines
from fengsui.backup.cluster import check_snapshot, restore_snapshot
from fengsui.backup.data_files import ANCHORS
from fengsui.backup.errors import BackupRefusedError
from fengsui.backup.manifest import ClusterSnapshot
from fengsui.backup.placing import BESIDE, DUMP, entries_of, finish, put_in_place, stage, stopped
from fengsui.backup.records import SQLITE_COPY, Counted, count_rows, restore_dump
from fengsui.backup.verifying import VerifiedBackup
from fengsui.processes.foundation import open_records, prepare_data_dir, trail_trust
from fengsui.settings import Settings
from store.records import RecordsDatabase


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore came to: how the audit trail stands, and what was set aside."""

    verdict: Verdict
    set_aside: tuple[str, ...]


def restore_backup(settings: Settings, backup: VerifiedBackup, *, force: bool) -> Restored:
    """Put a verified backup in the place of an installation; nothing is touched before all of it has been checked.

    Raises:
        BackupRefusedError: the installation runs, holds data (``force`` sets it aside), or has another database.
    """
    data_dir = settings.data_dir
    with stopped(data_dir), closing(RecordsDatabase(settings.records_database_url)) as records:
        _check_database(settings, backup, records)
        cluster = backup.manifest.contents.cluster
        if cluster is not None:
            check_snapshot(settings, cluster)
        if not force and (entries_of(data_dir) or _holds_records(records)):
            raise BackupRefusedError(
                f"{data_dir}: there is data already; restore elsewhere with --data-dir, or set it aside with --force"
            )
        staged = stage(backup, data_dir)
        aside = put_in_place(staged, data_dir)
        for entry in backup.manifest.files:
            if entry.path == DUMP:
                restore_dump(records.url, backup.content(entry))
        os.sync()
        _compare(backup, records)
        if cluster is not None:
            _restore_events(settings, cluster, backup.manifest.contents.events)
        finish(data_dir)
    outdated = _set_newer_copies_aside(settings, backup.manifest.contents.audit_records)
    verdict = _bring_up(settings, backup)
    return Restored(verdict, tuple(str(path) for path in (*([aside] if aside else []), *outdated)))


def _restore_events(settings: Settings, cluster: ClusterSnapshot, expected: int) -> None:
    restored = restore_snapshot(settings, cluster)
    if restored < expected:
        raise BackupRefusedError(f"the cluster restored {restored} of {expected} events; look at its log and run again")


def _check_database(settings: Settings, backup: VerifiedBackup, records: RecordsDatabase) -> None:
    engine, held = records.url.get_backend_name(), backup.manifest.contents.records
    if engine != held:
        raise BackupRefusedError(f"the backup holds records of {held}, the settings name {engine}; set records_url")
    if engine == "sqlite" and Path(str(records.url.database)).resolve() != (settings.data_dir / SQLITE_COPY).resolve():
        raise BackupRefusedError("records_url names a file outside the data folder; restore without records_url")


def _holds_records(records: RecordsDatabase) -> bool:
    if records.url.get_backend_name() == "sqlite":
        return Path(str(records.url.database)).exists()
    with records.engine.connect() as connection:
        return connection.dialect.has_table(connection, "alembic_version")


def _compare(backup: VerifiedBackup, records: RecordsDatabase) -> None:
    """Whether the database holds, row by row counted, what the backup's did."""
    contents = backup.manifest.contents
    with records.read() as session:
        counted = count_rows(session.connection())
    if counted != Counted(contents.revision, contents.tables, contents.audit_records, contents.audit_head):
        wrong = [name for name, rows in contents.tables.items() if counted.tables.get(name) != rows]
        raise BackupRefusedError(
            f"the restored records differ from the backup's ({', '.join(wrong) or 'revision or audit trail'}); "
            "run the restore again with --force"
        )


def _set_newer_copies_aside(settings: Settings, audit_records: int) -> list[Path]:
    """Rename copies of checkpoints of records that came after the backup: they vouch for what is lost now."""
    moved = []
    for path in settings.anchor_files:
        ends = [row.get("to_sequence", 0) for row in read_lines(path)] if path.exists() else []
        if max(ends, default=0) > audit_records:
            aside = path.with_name(f"{path.name}.before-restore-{datetime.now(UTC):%Y%m%dT%H%M%SZ}")
            path.rename(aside)
            moved.append(aside)
    return moved


def _bring_up(settings: Settings, backup: VerifiedBackup) -> Verdict:
    """Migrate to this version, check the audit trail against every copy of its checkpoints, and go on with it."""
    prepare_data_dir(settings)
    manifest, trust = backup.manifest, trail_trust(settings)
    copies = tuple((settings.data_dir / BESIDE / ANCHORS).glob("*.ndjson"))
    with closing(open_records(settings)) as records:
        with records.read() as session:
            verdict = verify_trail(session, Trust(trust.public_keys, (*trust.anchors, *copies)))
        actor = Actor("system", "command-line", getpass.getuser())
        after = {"created": manifest.created, "sm3": backup.digest, "trail_holds": verdict.holds}
        with records.begin() as session:
            record(session, AuditEntry(actor, "backup:restore", "backup", manifest.name, after=after))
    return verdict
