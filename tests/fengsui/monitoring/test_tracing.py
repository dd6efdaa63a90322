"""What a collector of traces is sent: where time went in requests, batches, searches and playbooks, and no value."""

from __future__ import annotations

import asyncio
import json
import os
import ssl
import subprocess
import sys
import threading
import traceback
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_network
from pathlib import Path

import httpx
import pytest
from opentelemetry import trace
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span
from prometheus_client import CollectorRegistry
from pydantic import ValidationError

from api.app import create_app
from api.dependencies import ApiDependencies, ApiSettings
from audit import Trust
from collectors.collect import Collector
from collectors.decoders import decode_path
from collectors.delivery import Delivery, DeliverySettings, Pipeline, Stages
from collectors.delivery.checkpoints import RecordedCheckpoints
from collectors.normalizers.chain import normalize
from collectors.sources.config import FileSourceConfig
from collectors.sources.file.source import FileSource
from events import Event
from fengsui.errors import FengsuiError
from fengsui.monitoring.delivery_spans import TracedDelivery, traced_stages
from fengsui.monitoring.measured_store import MeasuredEventStore
from fengsui.monitoring.settings import MonitoringSettings, MutualTls
from fengsui.monitoring.tracing import configure_tracing
from incidents import AttachmentFiles
from playbooks import AddressGuard, NewRun, add_playbook, start_run
from playbooks.actions.calling import Caller
from playbooks.credentials import Credentials
from playbooks.runs.calls import Runner
from store import EmbeddedEventStore, Window, parse_query
from store.records import RecordsDatabase
from store.records.migrate import upgrade
from tests.playbooks.conftest import KEY, editor, http_step, playbook, step, target

SECRETS = (b"203.0.113.7", b"40222", b"gw01", b"wang", b"110101199003074557", b"the disk of")
LINE = "2026-11-20T08:00:00Z gw01 sshd[411]: Failed password for wang from 203.0.113.7 port 40222 ssh2\n"
STAGES = {"normalize", "enrich", "store write", "match", "record_alerts"}


@dataclass
class Receiver:
    """Takes spans by OTLP over HTTP, from whom the authority knows."""

    endpoint: str
    tls: MutualTls
    bodies: list[bytes] = field(default_factory=list)

    def spans(self) -> list[Span]:
        requests = [ExportTraceServiceRequest.FromString(body) for body in self.bodies]
        scopes = [scope for request in requests for each in request.resource_spans for scope in each.scope_spans]
        return [span for scope in scopes for span in scope.spans]


@pytest.fixture
def receiver(tmp_path: Path, project: Path) -> Iterator[Receiver]:
    command = [sys.executable, project / "deploy" / "certificates.py", tmp_path / "keys", "collector"]
    subprocess.run(command, check=True)
    own = tmp_path / "keys" / "collector"
    tls = MutualTls(certificate=own / "collector.crt", key=own / "collector.key", authorities=own / "ca.crt")
    bodies: list[bytes] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            bodies.append(self.rfile.read(int(self.headers["content-length"])))
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_args: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(tls.authorities))
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_cert_chain(tls.certificate, tls.key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield Receiver(f"https://localhost:{server.server_address[1]}/v1/traces", tls, bodies)
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_collector_is_told_where_time_went_and_never_a_value(receiver: Receiver, tmp_path: Path) -> None:
    child = os.fork()  # a provider of traces is set once and for all in a process
    if child == 0:
        status = 1
        try:
            _work(receiver, tmp_path)
            status = 0
        except Exception:  # noqa: BLE001 (told, and by the status)
            traceback.print_exc()
        sys.stderr.flush()
        os._exit(status)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    spans = receiver.spans()
    by_id = {span.span_id: span for span in spans}
    names = [span.name for span in spans]
    assert names.count("normalize") == names.count("deliver") == 2  # one a batch, and again after the failure
    delivered = next(span for span in spans if span.name == "deliver" and span.status.code == Span().status.code)
    assert {span.name for span in spans if span.parent_span_id == delivered.span_id} == STAGES
    assert by_id[delivered.parent_span_id].name == "decode"
    failed = next(span for span in spans if span.name == "match" and span.status.code)
    assert {each.key: each.value.string_value for each in failed.attributes}["error.type"] == "OSError"
    assert names.count("store search") == 1
    assert "GET /api/v1/events" in names
    [run] = [span for span in spans if span.name == "playbook run"]
    below = [span.name for span in spans if span.parent_span_id == run.span_id]
    assert (below.count("playbook step"), below.count("playbook call")) == (2, 1)
    told = b"".join(receiver.bodies)
    assert [secret for secret in SECRETS if secret in told] == []


def _work(receiver: Receiver, folder: Path) -> None:
    """What is traced, in a process of its own."""
    settings = MonitoringSettings.model_validate(
        {"tracing_endpoint": receiver.endpoint, "tracing_authorities": receiver.tls.authorities, "tls": receiver.tls}
    )
    configure_tracing(settings, "collect")
    with (
        closing(RecordsDatabase(f"sqlite:///{folder / 'records.sqlite3'}")) as records,
        closing(EmbeddedEventStore(folder / "events")) as embedded,
    ):
        upgrade(records)
        store = MeasuredEventStore(embedded, CollectorRegistry())
        _deliver(folder, records, store)
        store.search(parse_query("user.name:wang"), Window())
        _ask(folder, records, store)
        _run_playbook(records)
    trace.get_tracer_provider().shutdown()  # type: ignore[attr-defined]  # (the SDK's)


def _deliver(folder: Path, records: RecordsDatabase, store: MeasuredEventStore) -> None:
    (folder / "auth.log").write_text(LINE * 40, encoding="utf-8")
    attempts: list[int] = []

    def match(_events: Sequence[Event]) -> None:
        attempts.append(1)
        if len(attempts) == 1:
            raise OSError("the disk of gw01 is gone")

    pipeline = Pipeline(Stages(normalize, store, match, lambda _session, _found: None), records)
    pipeline.surround(traced_stages)
    config = FileSourceConfig(type="file", name="devices", paths=(str(folder / "auth.log"),), follow=False)
    source = FileSource(config, RecordedCheckpoints(records), decode_path)
    delivery = Delivery(TracedDelivery(pipeline), DeliverySettings(retry_first_seconds=0.01))
    collector = Collector([source], delivery, records)
    collector.start()
    collector.wait()
    collector.stop()
    pipeline.deliver([])  # time passes: no span


def _ask(folder: Path, records: RecordsDatabase, store: MeasuredEventStore) -> None:
    dependencies = ApiDependencies(
        records=records,
        events=store,
        secret_key=KEY,
        trust=Trust((), ()),
        attachments=AttachmentFiles(folder / "attachments"),
        settings=ApiSettings(),
    )
    application = create_app(dependencies)

    async def ask() -> None:
        transport = httpx.ASGITransport(application)
        async with httpx.AsyncClient(transport=transport, base_url="http://gw01") as client:
            await client.get("/api/v1/events", params={"query": "user.name:wang AND 110101199003074557"})
            await client.get("/healthz")

    asyncio.run(ask())


def _run_playbook(records: RecordsDatabase) -> None:
    call = step("action", 2)
    document = playbook(1, {call: http_step("GET /wang", step("end", 9))}, target_definitions=target(1))
    with records.begin() as session:
        added = add_playbook(session, json.dumps(document), editor().by).loaded.playbook.id
    with records.begin() as session:
        run = start_run(session, NewRun(added, {}), editor())
        run.is_moving, run_id = True, run.id
    caller = Caller(AddressGuard((ip_network("127.0.0.0/8"),), frozenset({1})))
    Runner(records, caller, Credentials(KEY)).move(run_id, 0)


def test_what_makes_traces_is_asked_for_by_name_where_it_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "fengsui.monitoring.span_export", raising=False)
    monkeypatch.setitem(sys.modules, "opentelemetry.exporter.otlp.proto.http.trace_exporter", None)
    configure_tracing(MonitoringSettings(), "collect")
    settings = MonitoringSettings.model_validate({"tracing_endpoint": "http://localhost:4318/v1/traces"})
    with pytest.raises(FengsuiError, match=r"pip install 'fengsui\[tracing\]'"):
        configure_tracing(settings, "collect")


@pytest.mark.parametrize("endpoint", ["http://collector.example:4318/v1/traces", "https://collector.example:4318"])
def test_an_address_in_plain_or_without_a_path_is_refused(endpoint: str) -> None:
    with pytest.raises(ValidationError, match="tracing_endpoint"):
        MonitoringSettings.model_validate({"tracing_endpoint": endpoint})
