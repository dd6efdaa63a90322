"""An installation with a backup of it; each test takes a copy of both."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from audit import AuditEntry, record
from fengsui.backup.making import Made, make_backup
from fengsui.processes.foundation import checkpoint_signer, open_records, prepare_data_dir, secrets_key, signing_key
from fengsui.processes.sealing import TrailSealing
from fengsui.settings import Settings
from incidents import AttachmentFiles
from store import EmbeddedEventStore
from store.records import RecordsDatabase
from tests.fengsui.backup.installation import ACTOR, PASSPHRASE, events_of


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Made]:
    """An installation with a backup of it; each test takes a copy."""
    folder = tmp_path_factory.mktemp("filled")
    settings = Settings(data_dir=folder / "data")
    prepare_data_dir(settings)
    signing_key(settings)
    secrets_key(settings)
    (settings.spool_dir / "devices").mkdir(parents=True)
    (settings.spool_dir / "devices" / "1.spool").write_bytes(b"a pushed message")
    AttachmentFiles(settings.attachments_dir).keep(b"evidence")
    with closing(EmbeddedEventStore(settings.events_dir)) as store:
        store.write(events_of(0, 50))
    with closing(open_records(settings)) as records:
        for number in range(3):
            with records.begin() as session:
                record(session, AuditEntry(ACTOR, "unit:put", "unit", str(number)))
        TrailSealing(settings, records, checkpoint_signer(settings)).turn()
        return folder, make_backup(settings, records, folder / "backups", PASSPHRASE)


@pytest.fixture
def settings(filled: tuple[Path, Made], tmp_path: Path) -> Settings:
    shutil.copytree(filled[0] / "data", tmp_path / "data")
    return Settings(data_dir=tmp_path / "data")


@pytest.fixture
def records(settings: Settings) -> Iterator[RecordsDatabase]:
    with closing(RecordsDatabase(settings.records_database_url)) as opened:
        yield opened


@pytest.fixture
def made(filled: tuple[Path, Made], tmp_path: Path) -> Made:
    shutil.copytree(filled[0] / "backups", tmp_path / "backups")
    return replace(filled[1], path=str(tmp_path / "backups" / filled[1].name))


@pytest.fixture
def elsewhere(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path / "restored")
