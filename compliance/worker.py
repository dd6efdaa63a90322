"""A thread that carries out assessments and makes reports, one after the other."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import TypeAlias

import structlog
from sqlalchemy import and_, or_, select

from audit import Actor
from audit.authorship import ChangedBy
from compliance.assessing import AssessmentSources, assess
from compliance.checks import Surroundings
from compliance.errors import ComplianceError
from compliance.models import Assessment, Queued, Report, WorkState
from compliance.reports import make_report
from events import now_ms
from policies.compliance.checks import check_policy
from store.records import RecordsDatabase

_log = structlog.get_logger(__name__)
_MS_PER_MINUTE = 60_000
_BROKE = "broke"
"""Why something failed that nobody foresaw; the log names the error."""
_SELF = Actor("system", "compliance", "compliance")
Work: TypeAlias = type[Queued]


class ComplianceWorker:
    """Takes up what was asked for until stopped; what a stopped or killed one left is taken up again."""

    def __init__(self, records: RecordsDatabase, sources: AssessmentSources) -> None:
        """Prepare; nothing runs before ``start``."""
        self._records = records
        self._sources = sources
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="compliance")
        self._around: tuple[int, Surroundings] | None = None

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End after what is being done now."""
        self._stop.set()
        self._thread.join()

    def work_off(self) -> int:
        """Do all that waits now; how many assessments and reports that were."""
        done = 0
        for kind, work_id in self._claimed():
            self._attempt(kind, work_id)
            done += 1
        return done

    def _run(self) -> None:
        while not self._stop.wait(check_policy().work.poll_seconds):
            try:
                self.work_off()
            except Exception as error:  # noqa: BLE001 (whatever the database raises: the next round tries again)
                _log.warning("assessing failed, trying again", error=type(error).__name__)

    def _claimed(self) -> Iterator[tuple[Work, str]]:
        while not self._stop.is_set():
            claimed = _claim(self._records, Assessment) or _claim(self._records, Report)
            if claimed is None:
                return
            yield claimed

    def _attempt(self, kind: Work, work_id: str) -> None:
        by = ChangedBy(_SELF, now_ms())
        try:
            if kind is Assessment:
                assess(self._records, work_id, self._sources, self._surroundings(by.at_ms), by)
            else:
                make_report(self._records, work_id, by)
        except ComplianceError as error:
            _give_up(self._records, kind, work_id, error.code)
        except Exception as error:  # noqa: BLE001 (a broken one must not hold up the others)
            _log.warning("an assessment or report failed", kind=kind.__tablename__, error=type(error).__name__)
            _try_again(self._records, kind, work_id)

    def _surroundings(self, now: int) -> Surroundings:
        """What is the same for every system, looked at anew after a while: the trail is long."""
        kept_ms = int(check_policy().work.surroundings_seconds * 1000)
        if self._around is None or now - self._around[0] > kept_ms:
            with self._records.read() as session:
                self._around = (now, self._sources.surroundings(session))
        return self._around[1]


def _claim(records: RecordsDatabase, kind: Work) -> tuple[Work, str] | None:
    """Take the one that waits longest, or that somebody took and left."""
    now = now_ms()
    abandoned = now - check_policy().work.lease_minutes * _MS_PER_MINUTE
    waits = or_(
        kind.state == WorkState.QUEUED.value,
        and_(kind.state == WorkState.RUNNING.value, kind.claimed_ms < abandoned),
    )
    statement = select(kind).where(waits).order_by(kind.created_ms, kind.id).limit(1)
    with records.begin() as session:
        found = session.scalars(statement.with_for_update(skip_locked=True)).first()
        if found is None:
            return None
        found.state, found.claimed_ms, found.attempts = WorkState.RUNNING.value, now, found.attempts + 1
        return kind, found.id


def _give_up(records: RecordsDatabase, kind: Work, work_id: str, problem: str) -> None:
    _change(records, kind, work_id, lambda _: (WorkState.FAILED, problem))


def _try_again(records: RecordsDatabase, kind: Work, work_id: str) -> None:
    """Put it back, unless it was tried often enough."""
    attempts = check_policy().work.attempts

    def state(tried: int) -> tuple[WorkState, str]:
        return (WorkState.FAILED if tried >= attempts else WorkState.QUEUED), _BROKE

    _change(records, kind, work_id, state)


def _change(records: RecordsDatabase, kind: Work, work_id: str, state: Callable[[int], tuple[WorkState, str]]) -> None:
    with records.begin() as session:
        row = session.get_one(kind, work_id)
        (new, row.problem) = state(row.attempts)
        row.state = new.value
