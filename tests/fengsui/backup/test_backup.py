"""What a backup holds, what a restore refuses, and what a crash in the middle of either leaves."""

from __future__ import annotations

import fcntl
import os
import signal
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest

from audit import AuditEntry, record
from fengsui.backup.data_files import copy_event_days
from fengsui.backup.errors import BackupError, BackupRefusedError
from fengsui.backup.files import Copying
from fengsui.backup.making import Made, make_backup, remove_older
from fengsui.backup.placing import put_in_place, stage
from fengsui.backup.restoring import restore_backup
from fengsui.backup.sealed_files import open_chunks
from fengsui.backup.verifying import verify_backup
from fengsui.errors import FengsuiError
from fengsui.processes.foundation import open_records, prepare_data_dir
from fengsui.settings import Settings
from store import EmbeddedEventStore, StoreLockedError, Window, parse_query
from store.records import RecordsDatabase
from tests.fengsui.backup.installation import ACTOR, PASSPHRASE, events_of


def _restore(made: Made, settings: Settings, *, force: bool = False) -> None:
    restored = restore_backup(settings, verify_backup(Path(made.path), PASSPHRASE), force=force)
    assert restored.verdict.holds


def test_what_is_restored_is_what_was_there_and_the_trail_goes_on(
    made: Made, settings: Settings, elsewhere: Settings
) -> None:
    assert (made.events, made.audit_records) == (50, 3)
    _restore(made, elsewhere)
    for name in ("signing.key", "secrets.key", "audit/checkpoint.key", "spool/devices/1.spool"):
        assert (elsewhere.data_dir / name).read_bytes() == (settings.data_dir / name).read_bytes()
    assert (elsewhere.data_dir / "secrets.key").stat().st_mode & 0o077 == 0
    [attached] = [path.name for path in elsewhere.attachments_dir.rglob("*") if path.is_file()]
    assert (settings.attachments_dir / attached[:2] / attached).read_bytes() == b"evidence"
    with closing(EmbeddedEventStore(elsewhere.events_dir)) as store:
        assert store.write(events_of(40, 20)).created == 10
        assert store.search(parse_query("*"), Window()).total == 60
    with closing(open_records(elsewhere)) as records, records.read() as session:
        actions = [row[0] for row in session.connection().exec_driver_sql("SELECT action FROM audit_records")]
    assert actions == ["unit:put", "unit:put", "unit:put", "backup:restore"]


def test_nothing_of_a_backup_is_in_plain_and_the_backup_is_on_the_record(made: Made, settings: Settings) -> None:
    keys = [(settings.data_dir / name).read_bytes() for name in ("signing.key", "secrets.key", "audit/checkpoint.key")]
    told = [b"a pushed message", b"evidence", b"SQLite format", b"unit:put", b"a line", b"tables", b"retention"]
    for path in Path(made.path).rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert not any(each in content or each.hex().encode() in content for each in (*keys, *told)), path
    assert not (settings.data_dir / ".backup-scratch").exists()
    with closing(open_records(settings)) as records, records.read() as session:
        statement = "SELECT object_id, after FROM audit_records WHERE action = 'backup:create'"
        [(name, after)] = session.connection().exec_driver_sql(statement)
    assert name == made.name
    assert made.sm3 in after


def test_a_second_backup_holds_unchanged_files_once_and_old_ones_can_go(
    made: Made, settings: Settings, records: RecordsDatabase, elsewhere: Settings, tmp_path: Path
) -> None:
    with closing(EmbeddedEventStore(settings.events_dir)) as store:
        store.write(events_of(50, 5))
        second = make_backup(settings, records, tmp_path / "backups", PASSPHRASE)
    assert second.events == 55
    assert second.linked > 10
    assert remove_older(settings, tmp_path / "backups", 1, PASSPHRASE) == (made.name,)
    assert not Path(made.path).exists()
    _restore(second, elsewhere)


def test_data_is_overwritten_only_when_asked_and_kept_even_then(
    made: Made, settings: Settings, records: RecordsDatabase
) -> None:
    with pytest.raises(BackupRefusedError, match="--force"):
        _restore(made, settings)
    with (
        closing(EmbeddedEventStore(settings.events_dir)),
        pytest.raises(BackupRefusedError, match="running here"),
    ):
        _restore(made, settings, force=True)
    with records.begin() as session:
        record(session, AuditEntry(ACTOR, "unit:put", "unit", "after the backup"))
    records.close()
    _restore(made, settings, force=True)
    [aside] = settings.data_dir.glob(".before-restore-*")
    assert (aside / "records.sqlite3").exists()
    with closing(open_records(settings)) as again, again.read() as session:
        assert session.connection().exec_driver_sql("SELECT count(*) FROM audit_records").scalar() == 4


def test_a_restore_that_was_cut_short_keeps_everything_from_starting_until_it_is_run_again(
    made: Made, elsewhere: Settings
) -> None:
    verified = verify_backup(Path(made.path), PASSPHRASE)
    elsewhere.data_dir.mkdir()
    put_in_place(stage(verified, elsewhere.data_dir), elsewhere.data_dir)
    with pytest.raises(FengsuiError, match="cut short"):
        prepare_data_dir(elsewhere)
    _restore(made, elsewhere, force=True)
    prepare_data_dir(elsewhere)


@pytest.mark.fault
def test_a_backup_killed_in_the_middle_leaves_nothing_that_restore_accepts(
    settings: Settings, records: RecordsDatabase, tmp_path: Path
) -> None:
    records.close()
    target = tmp_path / "backups"
    for seconds in (0.0, 0.02, 0.1):
        child = os.fork()
        if child == 0:
            with closing(RecordsDatabase(settings.records_database_url)) as own:
                for _ in range(100):
                    make_backup(settings, own, target, PASSPHRASE)
            os._exit(0)
        while not list(target.glob(".partial-*")):
            time.sleep(0.001)
        time.sleep(seconds)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        for left in target.glob(".partial-*"):
            with pytest.raises(BackupRefusedError):
                verify_backup(left, PASSPHRASE)
        for whole in target.glob("fengsui-*"):
            verify_backup(whole, PASSPHRASE)
    with closing(open_records(settings)) as own:
        make_backup(settings, own, target, PASSPHRASE)
    assert not list(target.glob(".partial-*"))


def _open(copying: Copying, folder: Path) -> Path:
    """The files of a backup that is being made, as they were before they were sealed."""
    for entry in copying.entries.values():
        target = folder / entry.path
        target.parent.mkdir(parents=True, exist_ok=True)
        with (copying.folder / entry.path).open("rb") as sealed:
            target.write_bytes(b"".join(open_chunks(sealed, bytes.fromhex(entry.key), entry.path)))
    return folder


def test_days_are_copied_as_of_one_commit_while_they_are_written_merged_and_dropped(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "data")
    stop = threading.Event()
    with closing(EmbeddedEventStore(settings.events_dir)) as store:
        store.write(events_of(0, 10))

        def write() -> None:
            number = 10
            while not stop.is_set():
                store.write(events_of(number, 10))
                number += 10

        writer = threading.Thread(target=write)
        writer.start()
        try:
            for number in range(5):
                events = copy_event_days(settings, copying := Copying(tmp_path / str(number)))
                opened = _open(copying, tmp_path / f"{number}-opened")
                with closing(EmbeddedEventStore(opened / "data/events", "read")) as copy:
                    assert sum(day.events for day in copy.days()) == events > 0
                    assert len(copy.search(parse_query("message:line"), Window(), limit=10_000).events) == events
        finally:
            stop.set()
            writer.join()


def test_two_backups_to_one_place_do_not_meet(made: Made, settings: Settings, records: RecordsDatabase) -> None:
    target = Path(made.path).parent
    with (target / ".lock").open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(BackupError, match="another backup"):
            make_backup(settings, records, target, PASSPHRASE)


def test_the_event_store_stays_open_to_its_writer_while_it_is_backed_up(
    settings: Settings, records: RecordsDatabase, tmp_path: Path
) -> None:
    with closing(EmbeddedEventStore(settings.events_dir)) as store:
        make_backup(settings, records, tmp_path / "backups", PASSPHRASE)
        assert store.write(events_of(100, 1)).created == 1
        with pytest.raises(StoreLockedError):
            EmbeddedEventStore(settings.events_dir)
