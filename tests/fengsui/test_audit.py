"""The trail from the command line, and sealed by the running product."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from audit import Actor, AuditEntry, CheckpointSigner, record
from audit.checkpoints import AuditCheckpoint
from fengsui.processes.sealing import TrailSealing
from fengsui.settings import AuditSettings, Settings
from policies.audit import checkpoint_policy
from store.records import RecordsDatabase
from store.records.migrate import upgrade

if TYPE_CHECKING:
    from conftest import Fengsui


def _filled(folder: Path, records: int) -> None:
    folder.mkdir(exist_ok=True)
    with closing(RecordsDatabase(f"sqlite:///{folder}/records.sqlite3")) as database:
        upgrade(database)
        with database.begin() as session:
            for number in range(records):
                record(session, AuditEntry(Actor("user", "u", "王敏"), "alert:close", "alert", f"a{number}"))


def test_seals_what_is_due_and_catches_up_with_every_copy(tmp_path: Path) -> None:
    _filled(tmp_path, checkpoint_policy().records + 5)
    blocked = tmp_path / "blocked"
    blocked.write_text("a file where a folder should be")
    settings = Settings(data_dir=tmp_path, audit=AuditSettings(copies=(blocked / "copy.ndjson",)))
    with closing(RecordsDatabase(settings.records_database_url)) as records:
        sealing = TrailSealing(settings, records, CheckpointSigner(bytes(32)))
        sealing.turn()
        own = settings.anchor_files[0]
        assert [json.loads(line)["to_sequence"] for line in own.read_text().splitlines()] == [
            checkpoint_policy().records
        ]
        blocked.unlink()
        sealing.turn()
        assert settings.anchor_files[1].read_text() == own.read_text()
        with records.read() as session:
            assert session.query(AuditCheckpoint).count() == 1


def test_verify_and_export_from_the_command_line(fengsui: Fengsui, tmp_path: Path) -> None:
    folder = tmp_path / "var"
    _filled(folder, 6)
    good = fengsui("audit", "verify")
    assert (good.status, good.lines[0]["holds"], good.lines[0]["unanchored"]) == (0, True, 6)
    lines = fengsui("audit", "export").lines
    assert [line["kind"] for line in lines] == ["export", *["record"] * 6]
    export = tmp_path / "trail.ndjson"
    export.write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert fengsui("audit", "verify", "--export", export).status == 0
    with closing(sqlite3.connect(folder / "records.sqlite3")) as connection:
        connection.execute("DROP TRIGGER audit_records_no_update")
        connection.execute("UPDATE audit_records SET object_id = 'other' WHERE sequence = 4")
        connection.commit()
    bad = fengsui("audit", "verify")
    assert (bad.status, bad.lines[0]["first_bad"], bad.lines[0]["holds"]) == (1, 4, False)
    assert len(bytes.fromhex((folder / "audit" / "checkpoint.pub").read_text().strip())) == 32
