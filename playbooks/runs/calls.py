"""Calls that leave the house: made outside any transaction, each known before it is made and judged after a crash."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import uuid4

from opentelemetry import trace
from sqlalchemy.orm import Session

from playbooks.actions import http_api, mail
from playbooks.actions.calling import Caller
from playbooks.actions.contract import Outcome, Ports
from playbooks.actions.mail import MailSettings
from playbooks.cacao.extension import extension_of
from playbooks.cacao.model import ActionStep, Playbook
from playbooks.credentials import Credentials
from playbooks.runs.engine import Moving
from playbooks.runs.history import Line, tell
from playbooks.runs.models import Operation, Token
from playbooks.runs.outcomes import after_failure, ask_what_became, record_done, record_failed
from playbooks.runs.repository import lock_run
from playbooks.runs.vocabulary import HistoryKind, OperationState
from playbooks.runs.walking import playbook_of, walk
from store.records import RecordsDatabase

Called = tuple[Operation, Playbook]
"""An operation that is to be called, and the playbook that it is of."""
_tracer = trace.get_tracer("fengsui.playbooks")


def no_mail() -> MailSettings | None:
    """Where no mail server is set."""
    return None


@dataclass(slots=True)
class Runner:
    """Moves runs: what it needs, and which calls this process has made."""

    records: RecordsDatabase
    caller: Caller
    credentials: Credentials
    ports: Ports = field(default_factory=Ports)
    mail: Callable[[], MailSettings | None] = no_mail
    process: str = field(default_factory=lambda: uuid4().hex)
    _called: set[tuple[str, int]] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def move(self, run_id: str, number: int) -> None:
        """Take a run as far as it goes: walk, make the call to which that leads, write down what came of it, walk on.

        Where it stands is in the records after each step of this, so that it can be begun anew after any crash. A
        round that is begun anew although its run has come to rest, or is in another round's hands, does nothing: two
        rounds of one run would do all that follows twice.
        """
        with _tracer.start_as_current_span("playbook run", attributes={"fengsui.run": run_id}):
            found = self._walk(run_id, number)
            while found is not None:
                operation, playbook = found
                is_first = self._is_first_call(operation)
                outcome = self._call(operation, playbook) if is_first else self._find_out(operation, playbook)
                found = self._write(operation, outcome, number)

    def _walk(self, run_id: str, number: int) -> Called | None:
        with self.records.begin() as session:
            moving = self._moving(session, run_id, number)
            return _walked(moving) if moving else None

    def _moving(self, session: Session, run_id: str, number: int) -> Moving | None:
        """The run to be moved, while it is this round's."""
        run = lock_run(session, run_id)
        if not run.is_moving or run.round_number != number:
            return None
        return Moving(session, run, playbook_of(session, run.digest), self.process, self.ports)

    def _is_first_call(self, operation: Operation) -> bool:
        """Whether this attempt can't have been made: it was begun by this process, which has not made it."""
        attempt = (operation.id, operation.attempts)
        with self._lock:
            known = attempt in self._called
            self._called.add(attempt)
        return not known and operation.process == self.process and operation.state == OperationState.STARTED

    def _call(self, operation: Operation, playbook: Playbook) -> Outcome:
        about = {"fengsui.operation": operation.id, "fengsui.kind": operation.kind}
        with _tracer.start_as_current_span("playbook call", attributes=about):
            if operation.kind == mail.KIND:
                return mail.send_mail(self.mail(), operation.payload, operation.id)
            return http_api.call(self.caller, playbook, operation.payload, operation.id, self.credentials)

    def _find_out(self, operation: Operation, playbook: Playbook) -> Outcome:
        """A call that may have been made before a crash: probe it; repeat it only where that does no harm."""
        self._note_unknown(operation)
        found = http_api.probe(self.caller, playbook, operation.payload, operation.id, self.credentials)
        if found.happened is True:
            return found
        if found.happened is False or operation.payload.get("idempotent"):
            return self._call(operation, playbook)
        return Outcome(None, f"it may have been called before the process ended; {found.reason}")

    def _note_unknown(self, operation: Operation) -> None:
        with self.records.begin() as session:
            run = lock_run(session, operation.run_id)
            row = session.get_one(Operation, operation.id)
            row.state = OperationState.UNKNOWN.value
            tell(session, run, Line(HistoryKind.OPERATION, "unknown", row.step_id, row.id, "being probed"))

    def _write(self, operation: Operation, outcome: Outcome, number: int) -> Called | None:
        with self.records.begin() as session:
            moving = self._moving(session, operation.run_id, number)
            if moving is None:
                return None  # whose round it is now finds out what became of the call
            row = session.get_one(Operation, operation.id)
            known = {token.id: token for token in moving.live}
            token = known.get(row.token_id) or session.get_one(Token, row.token_id)
            step = moving.step_of(token)
            extension = extension_of(step) if isinstance(step, ActionStep) else None
            if outcome.happened is True:
                record_done(moving, token, row, outcome.result)
            elif outcome.happened is None and not (extension and row.payload.get("idempotent")):
                ask_what_became(moving, token, row, outcome.reason)
            elif extension is not None:
                record_failed(moving, row, outcome.reason)
                after_failure(moving, token, row, extension.retry)
            return _walked(moving)


def _walked(moving: Moving) -> Called | None:
    operation = walk(moving)
    return None if operation is None else (operation, moving.playbook)
