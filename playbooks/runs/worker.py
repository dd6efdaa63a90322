"""The worker: takes up runs that can move, notices what is due, delivers webhooks, starts what policy asks for."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from events import now_ms
from playbooks.policy import run_policy
from playbooks.runs.approvals import expire_approval
from playbooks.runs.models import Run, Token
from playbooks.runs.one_worker import OneWorker
from playbooks.runs.repository import lock_run
from playbooks.runs.rounds import Rounds
from playbooks.runs.vocabulary import ENDED, TokenState, Wait
from store.records import RecordsDatabase

_log = structlog.get_logger(__name__)
_AT_ONCE = 100
_BRANCHES = 4
"""Rows looked at for each run that can be taken up: a run has one for each branch that can move."""
_TURN_SECONDS = 1.0
_TRIGGER_SECONDS = 2.0
_SILENT = frozenset({Wait.DELAY.value, Wait.RETRY.value})
_ENDED = [state.value for state in ENDED]


class PlaybookWorker:
    """Threads that keep runs going until stopped; what is unfinished then is gone on with at the next start."""

    def __init__(
        self,
        records: RecordsDatabase,
        rounds: Rounds,
        senders: Sequence[Callable[[], bool]],
        lock: OneWorker,
        trigger: Callable[[], object] = lambda: None,
    ) -> None:
        """Prepare; each of ``senders`` sends what is due, ``trigger`` starts what policy asks for, now and then."""
        self._records = records
        self._rounds = rounds
        self._lock = lock
        self._trigger = trigger
        self._trigger_due = 0.0
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=self._repeat, args=(turn,), name="playbooks")
            for turn in (self._look_after, *senders)
        ]
        self._threads.append(threading.Thread(target=self._dispatch, name="playbooks"))
        self._waiting = threading.Thread(target=self._wait_for_turn, name="playbooks")
        self._is_working = False

    def start(self) -> None:
        """Begin as soon as no other process of the installation works."""
        self._waiting.start()

    def stop(self) -> None:
        """End after what is being done now."""
        self._stop.set()
        self._waiting.join()
        if self._is_working:
            for thread in self._threads:
                thread.join()
            self._rounds.close()
        self._lock.give_up()

    def _wait_for_turn(self) -> None:
        while not self._stop.is_set() and not self._is_working:
            try:
                if self._lock.take():
                    self._rounds.launch()
                    self._is_working = True
            except Exception as error:  # noqa: BLE001 (whatever the database raises: tried again)
                self._lock.give_up()
                _log.warning("playbooks can't work yet, trying again", error=type(error).__name__)
            if not self._is_working:
                self._stop.wait(_TURN_SECONDS)
        if self._is_working:
            for thread in self._threads:
                thread.start()

    def _dispatch(self) -> None:
        """Take up what can move: at once where a round has ended, else now and then."""
        recovery_due = 0.0
        while not self._stop.is_set():
            self._rounds.ended.clear()
            if time.monotonic() >= recovery_due:
                recovery_due = time.monotonic() + run_policy().work.poll_seconds
                self._attempt(self._recover)
            if not self._attempt(self._take_up):
                self._rounds.ended.wait(run_policy().work.poll_seconds)

    def _repeat(self, turn: Callable[[], bool]) -> None:
        busy = False
        while not self._stop.wait(0 if busy else run_policy().work.poll_seconds):
            busy = self._attempt(turn)

    def _attempt(self, turn: Callable[[], bool]) -> bool:
        try:
            return turn()
        except Exception as error:  # noqa: BLE001 (whatever the database raises: the next turn tries again)
            _log.warning("playbooks failed, trying again", error=type(error).__name__)
            return False

    def _look_after(self) -> bool:
        """Start what policy asks for, and let go on what is due."""
        if time.monotonic() >= self._trigger_due:
            self._trigger_due = time.monotonic() + _TRIGGER_SECONDS
            self._trigger()
        self._notice_due()
        return False

    def _notice_due(self) -> None:
        """Let go on what waited for a time, and what waited too long."""
        now = now_ms()
        due = (Token.state == TokenState.WAITING.value, Token.due_ms <= now)
        with self._records.read() as session:
            found = session.execute(select(Token.id, Token.run_id).where(*due).limit(_AT_ONCE)).all()
        for token_id, run_id in found:
            with self._records.begin() as session:
                _let_go(session, token_id, run_id, now)

    def _recover(self) -> bool:
        """Runs whose round ended without their rest being written down: taken up again."""
        with self._records.read() as session:
            moving = session.execute(select(Run.id, Run.round_number).where(Run.is_moving).limit(_AT_ONCE)).all()
        for run_id, number in moving:
            if not self._rounds.is_alive(run_id, number):
                with self._records.begin() as session:
                    run = lock_run(session, run_id)
                    if run.round_number == number and not self._rounds.is_alive(run_id, number):
                        run.is_moving = False
        return bool(moving)

    def _take_up(self) -> bool:
        free = self._rounds.free
        if not free:
            return False
        ready = (Token.state == TokenState.READY.value, ~Run.is_moving, Run.ended_ms.is_(None))
        wanted = select(Token.run_id).join(Run, Run.id == Token.run_id).where(*ready)
        with self._records.read() as session:
            found = session.scalars(wanted.order_by(Token.due_ms, Token.id).limit(free * _BRANCHES))
            run_ids = list(dict.fromkeys(found))[:free]
        if not run_ids:
            return False
        with self._records.begin() as session:
            taken = [(run_id, _claim(session, run_id)) for run_id in run_ids]
        for run_id, number in taken:
            if number is not None:
                self._rounds.begin(run_id, number)
        return True


def _claim(session: Session, run_id: str) -> int | None:
    run = lock_run(session, run_id)
    if run.is_moving or run.state in _ENDED:
        return None
    run.is_moving, run.state = True, "running"
    run.round_number += 1
    return run.round_number


def _let_go(session: Session, token_id: int, run_id: str, now: int) -> None:
    run = lock_run(session, run_id)
    token = session.get_one(Token, token_id)
    session.refresh(token)
    if token.state != TokenState.WAITING or token.due_ms is None or token.due_ms > now:
        return
    if token.wait == Wait.APPROVAL:
        expire_approval(session, run, token)
        return
    token.state, token.due_ms = TokenState.READY.value, None
    if token.wait not in _SILENT:
        token.answer = {"wait": token.wait, "state": "failed", "reason": "nobody answered in time"}
    elif token.wait == Wait.RETRY:
        token.answer = {"wait": token.wait}
