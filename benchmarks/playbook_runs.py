"""Three-step runs a second: three calls to a receiver on this machine, SQLite with full sync, one worker.

Usage: python -m benchmarks.playbook_runs [runs]
"""

from __future__ import annotations

import json
import sys
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_network
from itertools import pairwise
from pathlib import Path

from sqlalchemy import func, select

from audit import Actor
from audit.authorship import ChangedBy
from events import now_ms
from playbooks import AddressGuard, NewRun, WorkSurroundings, add_playbook, build_worker, start_run
from playbooks.runs.models import Run
from registry import UnitScope
from registry.registers import Editor
from store.records import Base, RecordsDatabase

ORGANIZATION = "organization--11111111-1111-4111-8111-111111111111"
TARGET = "http-api--33333333-3333-4333-8333-333333333333"


class Receiver(BaseHTTPRequestHandler):
    """Says yes to everything."""

    def do_GET(self) -> None:
        """Answer."""
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_args: object) -> None:
        """Write nothing."""


def _step(kind: str, number: int) -> str:
    return f"{kind}--00000000-0000-4000-8000-{number:012d}"


def _playbook(port: int) -> str:
    ids = [_step("start", 1), *(_step("action", number) for number in (2, 3, 4)), _step("end", 5)]
    acting = {"type": "action", "agent": ORGANIZATION, "targets": [TARGET]}
    workflow = {
        here: {**acting, "commands": [{"type": "http-api", "command": "GET / HTTP/1.1"}], "on_completion": then}
        for here, then in pairwise(ids[1:])
    }
    document = {
        "type": "playbook",
        "spec_version": "cacao-2.0",
        "id": "playbook--44444444-4444-4444-8444-444444444444",
        "name": "Three calls",
        "created_by": "identity--22222222-2222-4222-8222-222222222222",
        "created": "2026-11-21T00:00:00.000Z",
        "modified": "2026-11-21T00:00:00.000Z",
        "workflow_start": ids[0],
        "workflow": {ids[0]: {"type": "start", "on_completion": ids[1]}, **workflow, ids[-1]: {"type": "end"}},
        "agent_definitions": {ORGANIZATION: {"type": "organization", "name": "Fengsui"}},
        "target_definitions": {
            TARGET: {"type": "http-api", "name": "receiver", "address": {"url": [f"http://127.0.0.1:{port}"]}}
        },
    }
    return json.dumps(document)


def main() -> None:
    """Start the runs, then let the worker take them all."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory() as folder:
        records = RecordsDatabase(f"sqlite:///{folder}/records.sqlite3")
        Base.metadata.create_all(records.engine)
        editor = Editor(ChangedBy(Actor("user", "u", "u"), now_ms()), UnitScope.everything())
        with records.begin() as session:
            playbook_id = add_playbook(session, _playbook(server.server_port), editor.by).loaded.playbook.id
        guard = AddressGuard((ip_network("127.0.0.0/8"),), frozenset({server.server_port}))
        worker = build_worker(records, WorkSurroundings(Path(folder), b"k" * 32, guard))
        with records.begin() as session:
            for _ in range(count):
                start_run(session, NewRun(playbook_id), editor)
        worker.start()
        began, used = _first_end(records), time.process_time()
        while _ended(records) < count:
            time.sleep(0.05)
        seconds, used = time.perf_counter() - began, time.process_time() - used
        worker.stop()
    server.shutdown()
    print(f"{count} runs of three calls: {count / seconds:.1f} runs/s; {used / count * 1000:.1f} ms of processor a run")


def _first_end(records: RecordsDatabase) -> float:
    """When work began, the worker's own start left out."""
    while not _ended(records):
        time.sleep(0.01)
    return time.perf_counter()


def _ended(records: RecordsDatabase) -> int:
    with records.read() as session:
        return session.scalar(select(func.count()).select_from(Run).where(Run.ended_ms.is_not(None))) or 0


if __name__ == "__main__":
    main()
