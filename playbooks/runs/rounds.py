"""Rounds: each time a run is taken up is one durable workflow, which DBOS goes on with after a crash."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from dbos import DBOS, DBOSConfig, Serializer, SetWorkflowID, WorkflowHandle
from sqlalchemy import create_engine, event
from sqlalchemy.engine import Engine, make_url

from playbooks.runs.calls import Runner

_APPLICATION = "fengsui-playbooks"
_VERSION = "1"
"""Pinned: a workflow of an earlier release is gone on with by a later one, since all it says is "move this run"."""
_RECOVERIES = 1_000_000
_OVER = frozenset({"SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"})


class JsonSerializer(Serializer):
    """Values as JSON: nothing that is read back can run code."""

    def serialize(self, data: Any) -> str:  # noqa: ANN401 (the interface's own)
        """The text of a value."""
        if isinstance(data, BaseException):
            data = {"error": type(data).__name__, "text": str(data)}
        return json.dumps(data, ensure_ascii=False, separators=(",", ":"))

    def deserialize(cls, serialized_data: str) -> Any:  # noqa: ANN401, N805 (the interface's own)
        """The value of a text."""
        return json.loads(serialized_data)

    def name(self) -> str:
        """Under which DBOS knows it."""
        return "fengsui-json"


class Rounds:
    """Moves runs durably, some at once; one of it in a process, one process in an installation.

    A round keeps no steps of its own: where its run stands is in the records, in the very transactions in which it
    changes, and a round that is begun anew goes on from there. ``ended`` is set whenever one has ended.
    """

    def __init__(self, runner: Runner, url: str, threads: int) -> None:
        """Prepare; ``url`` is of the database that keeps the workflows: a SQLite file of its own, or PostgreSQL."""
        self.ended = threading.Event()
        self._runner = runner
        self._threads = threads
        self._moving: set[str] = set()
        self._lock = threading.Lock()
        self._engine = _engine(url)
        self._config: DBOSConfig = {
            "name": _APPLICATION,
            "system_database_url": url,
            "application_version": _VERSION,
            "executor_id": "local",
            "serializer": JsonSerializer(),
            "log_level": "ERROR",
            "max_executor_threads": threads * 4,
        }
        if self._engine is not None:
            self._config["system_database_engine"] = self._engine

    def launch(self) -> None:
        """Begin, and go on with what was left unfinished; where it can't, nothing is left begun.

        Raises:
            Exception: whatever the database of the workflows raises.
        """
        DBOS(config=self._config)
        self._workflow = self._registered()
        try:
            DBOS.launch()
        except Exception:
            DBOS.destroy(destroy_registry=True)  # launched again as it is, it would do nothing and say nothing
            raise

    def close(self) -> None:
        """End after what is being called now; what is unfinished is gone on with at the next launch."""
        DBOS.destroy(destroy_registry=True, workflow_completion_timeout_sec=10)
        if self._engine is not None:
            self._engine.dispose()

    @property
    def free(self) -> int:
        """How many more runs can be taken up now."""
        with self._lock:
            return max(self._threads - len(self._moving), 0)

    def begin(self, run_id: str, number: int) -> WorkflowHandle[None]:
        """Take a run up for the given time; asked for twice it happens once.

        Raises:
            Exception: whatever the database of the workflows raises; the run is then not under way here.
        """
        with self._lock:
            self._moving.add(run_id)
        try:
            with SetWorkflowID(f"{run_id}-{number}"):
                return DBOS.start_workflow(self._workflow, run_id)
        except Exception:
            with self._lock:
                self._moving.discard(run_id)
            raise

    def is_alive(self, run_id: str, number: int) -> bool:
        """Whether a round is under way here, or will be gone on with."""
        with self._lock:
            if run_id in self._moving:
                return True
        status = DBOS.get_workflow_status(f"{run_id}-{number}")
        return status is not None and status.status not in _OVER

    def _registered(self) -> Callable[[str], None]:
        """The workflow, made known to DBOS under a name that stays."""

        @DBOS.workflow(name="take_up_run", max_recovery_attempts=_RECOVERIES)
        def take_up(run_id: str) -> None:
            with self._lock:
                self._moving.add(run_id)
            try:
                self._runner.move(run_id, int(str(DBOS.workflow_id).rpartition("-")[2]))
            finally:
                with self._lock:
                    self._moving.discard(run_id)
                self.ended.set()

        return take_up


def workflows_url(records_url: str, data_dir: Path) -> str:
    """Where workflows are kept: beside the records in PostgreSQL, else in a SQLite file of their own."""
    url = make_url(records_url)
    if url.get_backend_name() == "postgresql":
        return url.render_as_string(hide_password=False)
    return f"sqlite:///{(data_dir / 'workflows.sqlite3').resolve()}"


def _engine(url: str) -> Engine | None:
    """A write-ahead log for SQLite, which is several times as fast as its default."""
    if make_url(url).get_backend_name() != "sqlite":
        return None
    engine = create_engine(url)
    event.listen(engine, "connect", _prepare)
    return engine


def _prepare(connection: Any, _record: object) -> None:  # noqa: ANN401 (the driver's own connection)
    """Not synchronized at each commit: a round that a loss of power takes from here is begun anew from the records."""
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "busy_timeout=30000", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
