"""What the processes tell Prometheus and supervisors."""

from __future__ import annotations

import shutil
import ssl
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from prometheus_client import CollectorRegistry
from pydantic import ValidationError

from audit import Actor, AuditEntry, record
from collectors.delivery import Pipeline, Stages
from collectors.normalizers.chain import normalize
from collectors.record import Record, RecordBatch
from fengsui.monitoring.delivery_figures import DeliveryFigures
from fengsui.monitoring.listener import Listener
from fengsui.monitoring.measured_store import MeasuredEventStore
from fengsui.monitoring.process import process_figures
from fengsui.monitoring.readiness import check_surroundings
from fengsui.monitoring.records_figures import RecordsFigures
from fengsui.monitoring.settings import MonitoringSettings, MutualTls
from fengsui.settings import Settings
from store import EmbeddedEventStore
from store.records import RecordsDatabase
from store.records.migrate import upgrade
from tests.fengsui.running import free_port

LINES = [
    b"2026-11-20T08:00:00Z gw01 sshd[411]: Failed password for root from 203.0.113.7 port 40222 ssh2",
    b"2026-11-20T08:00:01Z gw01 sshd[411]: Accepted password for ops01 from 203.0.113.8 port 40223 ssh2",
]


@pytest.fixture
def records(tmp_path: Path) -> Iterator[RecordsDatabase]:
    opened = RecordsDatabase(f"sqlite:///{tmp_path / 'records.sqlite3'}")
    upgrade(opened)
    yield opened
    opened.close()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path)


def _batch() -> RecordBatch:
    lines = [Record(number, line, line.decode()) for number, line in enumerate((*LINES, b"\x00\x01"))]
    return RecordBatch("gateways", "file-1", lines, [], format="linux.syslog", reference_ms=1_763_700_000_000)


def test_a_delivery_that_is_tried_again_is_counted_once(records: RecordsDatabase, tmp_path: Path) -> None:
    registry = CollectorRegistry()
    attempts: list[int] = []

    def match(_events: object) -> None:
        attempts.append(1)
        if len(attempts) == 1:
            raise OSError("the disk is gone")

    store = MeasuredEventStore(EmbeddedEventStore(tmp_path / "events"), registry)
    pipeline = Pipeline(Stages(normalize, store, match, lambda _session, _found: None), records)
    pipeline.surround(DeliveryFigures(registry).around)
    with pytest.raises(OSError, match="the disk"):
        pipeline.deliver([_batch()])
    [delivered] = pipeline.deliver([_batch()])
    store.close()
    dataset = delivered.events[0]["event.dataset"]
    assert registry.get_sample_value("fengsui_events_total", {"source": "gateways", "dataset": dataset}) == 2
    reason = delivered.dead_letters[0].letter.reason.value
    assert registry.get_sample_value("fengsui_dead_letters_total", {"source": "gateways", "reason": reason}) == 1
    assert registry.get_sample_value("fengsui_delivery_seconds_count", {"stage": "match"}) == 2
    assert registry.get_sample_value("fengsui_store_seconds_count", {"operation": "write"}) == 2
    lag = registry.get_sample_value("fengsui_delivery_lag_seconds", {"source": "gateways"})
    assert lag is not None
    assert lag >= 0


def test_the_records_tell_how_long_the_trail_is_and_when_the_last_backup_was(
    records: RecordsDatabase, tmp_path: Path
) -> None:
    registry = CollectorRegistry()
    store = EmbeddedEventStore(tmp_path / "events")
    registry.register(RecordsFigures(records, store))
    actor = Actor("system", "test", "test")
    with records.begin() as session:
        record(session, AuditEntry(actor, "backup:create", "backup", "b-1"))
        record(session, AuditEntry(actor, "backup:check", "backup", "b-1"))
    figures = {sample.name: sample.value for family in registry.collect() for sample in family.samples}
    assert figures["fengsui_audit_records"] == figures["fengsui_audit_unsealed_records"] == 2
    assert figures["fengsui_backup_last_timestamp_seconds"] > 1_700_000_000
    assert figures["fengsui_records_bytes"] > 100_000
    assert (figures["fengsui_records_reachable"], figures["fengsui_store_reachable"]) == (1, 1)
    store.close()


def test_a_database_that_is_gone_is_told_and_takes_no_other_figure_with_it(tmp_path: Path) -> None:
    records, store = RecordsDatabase(f"sqlite:///{tmp_path}/absent/records.sqlite3"), EmbeddedEventStore(tmp_path / "e")
    registry = CollectorRegistry()
    registry.register(RecordsFigures(records, store))
    assert registry.get_sample_value("fengsui_records_reachable") == 0
    assert registry.get_sample_value("fengsui_store_reachable") == 1
    store.close()


def test_the_listener_names_the_part_that_is_not_ready(settings: Settings) -> None:
    (settings.data_dir / "secrets.key").write_bytes(b"k" * 32)
    tight = settings.model_copy(update={"monitoring": MonitoringSettings(least_free_bytes=1 << 62)})
    (settings.spool_dir / "devices").mkdir(parents=True)
    (settings.spool_dir / "devices" / "1.spool").write_bytes(b"x" * 500)
    port, checks = free_port(), check_surroundings(tight)
    listener = Listener(tight.monitoring, port, process_figures(tight, "collect"), checks)
    listener.start()
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}") as client:
            assert 'fengsui_spool_bytes{source="devices"} 500.0' in client.get("/metrics").text
            assert client.get("/healthz").status_code == 200
            answer = client.get("/readyz")
            assert (answer.status_code, answer.json()) == (503, {"disk": "too little room", "keys": "ok"})
            (settings.data_dir / "secrets.key").unlink()
            assert client.get("/readyz").json()["keys"] == "missing or unreadable: secrets.key"
            assert client.get("/").status_code == 404
    finally:
        listener.stop()


def test_a_listener_that_others_can_reach_answers_only_whom_the_authority_knows(
    settings: Settings, tmp_path: Path, project: Path
) -> None:
    with pytest.raises(ValidationError, match="needs tls"):
        MonitoringSettings(host="0.0.0.0")  # type: ignore[arg-type]  # noqa: S104 (refused)
    for folder in ("ours", "theirs"):
        command = [sys.executable, str(project / "deploy" / "certificates.py"), str(tmp_path / folder), "collect"]
        subprocess.run(command, check=True)
    own = tmp_path / "ours" / "collect"
    tls = MutualTls(certificate=own / "collect.crt", key=own / "collect.key", authorities=own / "ca.crt")
    monitoring, port = MonitoringSettings(host="0.0.0.0", tls=tls), free_port()  # type: ignore[arg-type]  # noqa: S104 (mutual TLS)
    listener = Listener(monitoring, port, process_figures(settings, "collect"), {})
    listener.start()
    address = f"https://localhost:{port}/metrics"
    try:
        stranger = ssl.create_default_context(cafile=own / "ca.crt")
        with pytest.raises(httpx.HTTPError):
            httpx.get(address, verify=stranger)
        stranger.load_cert_chain(tmp_path / "theirs/collect/collect.crt", tmp_path / "theirs/collect/collect.key")
        with pytest.raises(httpx.HTTPError):
            httpx.get(address, verify=stranger)
        known = ssl.create_default_context(cafile=own / "ca.crt")
        known.load_cert_chain(own / "collect.crt", own / "collect.key")
        assert "fengsui_disk_free_bytes" in httpx.get(address, verify=known).text
    finally:
        listener.stop()


def test_certificates_are_made_once_and_their_keys_are_their_owners_alone(tmp_path: Path, project: Path) -> None:
    command = [sys.executable, str(project / "deploy" / "certificates.py"), str(tmp_path), "postgres"]
    subprocess.run(command, check=True)
    made = {path.name: path.read_bytes() for path in (tmp_path / "postgres").iterdir()}
    subprocess.run(command, check=True)
    assert {path.name: path.read_bytes() for path in (tmp_path / "postgres").iterdir()} == made
    assert (tmp_path / "postgres" / "postgres.key").stat().st_mode & 0o777 == 0o400
    openssl = shutil.which("openssl")
    if openssl is not None:
        check = [openssl, "verify", "-CAfile", tmp_path / "ca/ca.crt", "-verify_hostname", "postgres"]
        subprocess.run([*check, "-x509_strict", tmp_path / "postgres/postgres.crt"], check=True, capture_output=True)
