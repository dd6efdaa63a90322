"""Backups of what real servers keep: events in Elasticsearch, records in PostgreSQL."""

from __future__ import annotations

import shutil
from contextlib import closing
from pathlib import Path

import pytest
from elasticsearch import Elasticsearch
from sqlalchemy.exc import DBAPIError

from audit import Actor, AuditEntry, record
from events import format_timestamp, now_ms
from fengsui.backup.errors import BackupRefusedError
from fengsui.backup.making import make_backup, remove_older
from fengsui.backup.restoring import restore_backup
from fengsui.backup.verifying import verify_backup
from fengsui.processes.foundation import open_records, prepare_data_dir
from fengsui.settings import BackupSettings, Settings
from store import ElasticsearchSettings, open_event_store
from store.elasticsearch.installation import install
from store.records import RecordsDatabase
from tests.servers.client import patient_client

PASSPHRASE = "a phrase that is kept elsewhere"


@pytest.mark.services
def test_events_of_a_cluster_come_back_from_its_own_snapshot(elasticsearch: str, tmp_path: Path) -> None:
    prefix = "fengsui-backed-up"
    store = ElasticsearchSettings(hosts=(elasticsearch,), index_prefix=prefix, replicas=0)
    client = patient_client(elasticsearch)
    place = client.nodes.info()["nodes"].popitem()[1]["settings"]["path"]["repo"][0]
    client.snapshot.create_repository(name="backups", repository={"type": "fs", "settings": {"location": place}})
    settings = Settings(data_dir=tmp_path / "data", store=store, backup=BackupSettings(repository="backups"))
    prepare_data_dir(settings)
    events = [{"event.id": f"b{n}", "@timestamp": format_timestamp(now_ms() - n), "message": "m"} for n in range(30)]
    install(store)
    with closing(open_event_store(store, "write")) as opened:
        assert opened.write(events).created == 30
    with closing(open_records(settings)) as records:
        made = make_backup(settings, records, tmp_path / "backups", PASSPHRASE)
    assert made.events == 30
    elsewhere = settings.model_copy(update={"data_dir": tmp_path / "elsewhere"})
    verified = verify_backup(Path(made.path), PASSPHRASE)
    with pytest.raises(BackupRefusedError, match="delete them"):
        restore_backup(elsewhere, verified, force=False)
    client.indices.delete(index=[*client.indices.get(index=f"{prefix}*")])
    restore_backup(elsewhere, verified, force=False)
    with closing(open_event_store(store, "write")) as opened:
        assert len(opened.get([f"b{n}" for n in range(30)])) == 30
        assert opened.write(events).existing == 30
    with closing(open_records(settings)) as records:
        others = [make_backup(settings, records, tmp_path / "backups", PASSPHRASE) for _ in range(2)]
    elsewhere_kept = settings.model_copy(update={"backup": BackupSettings()})
    assert remove_older(elsewhere_kept, tmp_path / "backups", 2, PASSPHRASE) == (made.name,)
    assert _snapshots(client) == {other.name.lower() for other in others}
    assert remove_older(settings, tmp_path / "backups", 1, "another phrase") == (others[0].name,)
    assert _snapshots(client) == {others[1].name.lower()}
    assert verify_backup(Path(others[1].path), PASSPHRASE).manifest.contents.events == 30
    client.snapshot.delete(repository="backups", snapshot=others[1].name.lower())
    client.indices.delete(index=[*client.indices.get(index=f"{prefix}*")])


def _snapshots(client: Elasticsearch) -> set[str]:
    return {taken["snapshot"] for taken in client.snapshot.get(repository="backups", snapshot="fengsui-*")["snapshots"]}


@pytest.mark.services
def test_records_of_postgresql_come_back_with_their_triggers(postgresql: str, tmp_path: Path) -> None:
    if shutil.which("pg_dump") is None:
        pytest.skip("no pg_dump; install postgresql-client")
    settings = Settings(data_dir=tmp_path / "data", records_url=postgresql)
    prepare_data_dir(settings)
    with closing(open_records(settings)) as records:
        with records.begin() as session:
            record(session, AuditEntry(Actor("system", "t", "t"), "unit:put", "unit", "u"))
        made = make_backup(settings, records, tmp_path / "backups", PASSPHRASE)
        with records.begin() as session:
            record(session, AuditEntry(Actor("system", "t", "t"), "unit:put", "unit", "after"))
    verified = verify_backup(Path(made.path), PASSPHRASE)
    with pytest.raises(BackupRefusedError, match="--force"):
        restore_backup(settings, verified, force=False)
    restored = restore_backup(settings, verified, force=True)
    assert restored.verdict.holds
    assert restored.verdict.records == 1
    with (
        closing(RecordsDatabase(postgresql)) as records,
        pytest.raises(DBAPIError, match="append-only"),
        records.begin() as session,
    ):
        session.connection().exec_driver_sql("DELETE FROM audit_records")
