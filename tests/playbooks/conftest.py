"""Playbooks written in a few lines, a recording receiver on a real port, and a worker on real databases."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest

from audit import Actor
from audit.authorship import ChangedBy
from events import now_ms
from playbooks import AddressGuard, NewRun, WorkSurroundings, add_playbook, build_worker, start_run
from playbooks.actions.contract import Ports
from playbooks.actions.mail import MailSettings
from playbooks.cacao import EXTENSION_ID
from playbooks.runs.models import Run
from playbooks.runs.vocabulary import ENDED
from registry import UnitScope
from registry.registers import Editor
from store.records import RecordsDatabase
from tests.patience import PATIENCE_SECONDS

KEY = b"k" * 32
ORGANIZATION = "organization--11111111-1111-4111-8111-111111111111"
_HEAD = {
    "type": "playbook",
    "spec_version": "cacao-2.0",
    "name": "Test",
    "created_by": "identity--22222222-2222-4222-8222-222222222222",
    "created": "2026-11-21T00:00:00.000Z",
    "modified": "2026-11-21T00:00:00.000Z",
    "agent_definitions": {ORGANIZATION: {"type": "organization", "name": "Fengsui"}},
    "extension_definitions": {
        EXTENSION_ID: {
            "type": "extension-definition",
            "name": "execution",
            "created_by": "identity--22222222-2222-4222-8222-222222222222",
            "schema": "in words",
            "version": "1.0.0",
        }
    },
}
ANN, BOB = Actor("user", "ann", "Ann"), Actor("user", "bob", "Bob")


def step(kind: str, number: int) -> str:
    return f"{kind}--00000000-0000-4000-8000-{number:012d}"


def editor(actor: Actor = ANN) -> Editor:
    return Editor(ChangedBy(actor, now_ms()), UnitScope.everything())


def extension(**values: object) -> dict[str, Any]:
    return {EXTENSION_ID: values}


def http_step(line: str, then: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401 (any property of a step)
    own = {name: more.pop(name) for name in ("approval", "retry", "idempotent", "probe") if name in more}
    body = {"content": more.pop("content")} if "content" in more else {}
    ways = {} if "on_success" in more else {"on_completion": then}
    return {
        "type": "action",
        "agent": ORGANIZATION,
        "targets": ["http-api--33333333-3333-4333-8333-333333333333"],
        "commands": [{"type": "http-api", "command": line, **body}],
        **ways,
        **({"step_extensions": extension(**own)} if own else {}),
        **more,
    }


def own_step(kind: str, then: str, parameters: dict[str, Any], **more: Any) -> dict[str, Any]:  # noqa: ANN401 (as above)
    own = {name: more.pop(name) for name in ("approval", "retry", "answer") if name in more}
    ways = {} if "on_success" in more else {"on_completion": then}
    return {
        "type": "action",
        "agent": ORGANIZATION,
        "commands": [{"type": kind}],
        "step_extensions": extension(parameters=parameters, **own),
        **ways,
        **more,
    }


def playbook(number: int, workflow: dict[str, Any], **more: Any) -> dict[str, Any]:  # noqa: ANN401 (any property)
    """A playbook that begins at step ``start 1``; an ``end 9`` is added."""
    return {
        **_HEAD,
        "id": f"playbook--44444444-4444-4444-8444-{number:012d}",
        "workflow_start": step("start", 1),
        "workflow": {
            step("start", 1): {"type": "start", "on_completion": next(iter(workflow))},
            **workflow,
            step("end", 9): {"type": "end"},
        },
        **more,
    }


def target(port: int) -> dict[str, Any]:
    return {
        "http-api--33333333-3333-4333-8333-333333333333": {
            "type": "http-api",
            "name": "receiver",
            "address": {"url": [f"http://127.0.0.1:{port}"]},
        }
    }


@dataclass
class Receiver:
    """Records every request; ``answer`` decides what it says."""

    port: int = 0
    requests: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)
    answer: Callable[[str, str, dict[str, str], bytes], tuple[int, bytes]] = lambda *_: (200, b'{"ok": true}')

    def paths(self) -> list[str]:
        return [f"{method} {path}" for method, path, _, _ in self.requests]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    recording = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def _serve(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            recording.requests.append((self.command, self.path, headers, body))
            status, answer = recording.answer(self.command, self.path, headers, body)
            self.send_response(status)
            self.send_header("content-length", str(len(answer)))
            if 300 <= status < 400:
                self.send_header("location", "http://127.0.0.1/elsewhere")
            self.end_headers()
            with suppress(BrokenPipeError):  # the caller has had enough
                self.wfile.write(answer)

        do_GET = do_POST = do_PUT = do_DELETE = _serve  # noqa: N815 (the server's own names)

        def log_message(self, *_args: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    recording.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield recording
    server.shutdown()
    server.server_close()
    thread.join()


@dataclass
class Installation:
    """Records, a data folder, and what a worker needs."""

    records: RecordsDatabase
    folder: Path
    guard: AddressGuard
    ports: Ports = field(default_factory=Ports)
    mail: MailSettings | None = None

    @contextmanager
    def working(self) -> Iterator[None]:
        around = WorkSurroundings(self.folder, KEY, self.guard, self.ports, lambda: self.mail)
        worker = build_worker(self.records, around)
        worker.start()
        try:
            yield
        finally:
            worker.stop()

    def guard_for_tests(self) -> AddressGuard:
        return AddressGuard((), frozenset({80}))

    def add(self, document: dict[str, Any]) -> str:
        with self.records.begin() as session:
            return add_playbook(session, json.dumps(document), editor().by).loaded.playbook.id

    def start(self, document: dict[str, Any], **variables: str) -> str:
        playbook_id = self.add(document)
        with self.records.begin() as session:
            return start_run(session, NewRun(playbook_id, variables), editor()).id

    def run(self, run_id: str) -> Run:
        with self.records.read() as session:
            return session.get_one(Run, run_id)

    def until(self, judge: Callable[[], Any], seconds: float = PATIENCE_SECONDS) -> Any:  # noqa: ANN401 (whatever is waited for)
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if found := judge():
                return found
            time.sleep(0.05)
        raise AssertionError("it did not come about")

    def ended(self, run_id: str) -> Run:
        return self.until(lambda: run if (run := self.run(run_id)).state in ENDED else None)


@pytest.fixture
def installation(tmp_path: Path, receiver: Receiver, empty_records: RecordsDatabase) -> Installation:
    guard = AddressGuard((ip_network("127.0.0.0/8"),), frozenset({receiver.port}))
    return Installation(empty_records, tmp_path, guard)
