"""Bulk requests: as large as the cluster takes them, again where it is busy, and what became of each document."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import structlog
from elastic_transport import ConnectionTimeout
from elasticsearch import ApiError

from store.elasticsearch.connection import Connection, reason_of, root_cause
from store.errors import StoreError
from store.event_store import RejectedEvent

_SMALLEST, _FIRST, _LARGEST = 256 << 10, 4 << 20, 16 << 20
_QUICK_SECONDS = 1.0
_TRIES = 7
_FIRST_WAIT, _LONGEST_WAIT = 0.1, 5.0
_CREATED, _EXISTS, _TOO_LARGE, _BUSY = 201, 409, 413, 429
_UNAVAILABLE = 500
_BLOCKED = "cluster_block_exception"
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Line:
    """A document to create: its place in the batch, and the two lines of a bulk body."""

    position: int
    action: bytes
    document: bytes

    @property
    def size(self) -> int:
        """Bytes in a body."""
        return len(self.action) + len(self.document) + 2


@dataclass(slots=True)
class Outcome:
    """What became of documents."""

    created: int = 0
    existing: int = 0
    rejected: list[RejectedEvent] = field(default_factory=list)

    def add(self, other: Outcome) -> None:
        """Count what became of others too."""
        self.created += other.created
        self.existing += other.existing
        self.rejected.extend(other.rejected)


class BulkSize:
    """How many bytes a bulk request should have: more while they are quick, half when the cluster has too much."""

    def __init__(self) -> None:
        """Begin in between."""
        self.bytes = _FIRST
        self._guard = threading.Lock()

    def note(self, seconds: float, size: int) -> None:
        """A request of a size took so long."""
        with self._guard:
            if seconds < _QUICK_SECONDS and size >= self.bytes // 2:
                self.bytes = min(self.bytes * 5 // 4, _LARGEST)

    def shrink(self) -> None:
        """The cluster had too much."""
        with self._guard:
            self.bytes = max(self.bytes // 2, _SMALLEST)


class BulkRequests:
    """Sends bulk requests to one cluster. Safe between threads."""

    def __init__(self, connection: Connection) -> None:
        """Nothing is sent before it is asked for."""
        self._connection = connection
        self.size = BulkSize()

    def create(self, lines: Sequence[Line]) -> Outcome:
        """Create documents; on return they are on the disk of every copy that is there.

        Raises:
            StoreError: the cluster can't take them now; some may be held, all may be sent again.
        """
        outcome, pending, reason = Outcome(), list(lines), ""
        for wait in _waits():
            pending, reason = self._attempt(pending, outcome)
            if not pending:
                return outcome
            self.size.shrink()
            time.sleep(wait)
        raise StoreError(
            f"{self._connection.where}: the cluster takes no events now ({reason}); they are sent again later"
        )

    def _attempt(self, lines: list[Line], outcome: Outcome) -> tuple[list[Line], str]:
        """Send lines once; returns those that must be sent again, and why."""
        started = time.monotonic()
        try:
            answer = self._send(lines)
        except ConnectionTimeout:
            return lines, "no answer in time"
        except ApiError as error:
            return self._refused(lines, error, outcome)
        self.size.note(time.monotonic() - started, sum(line.size for line in lines))
        again, reason = [], ""
        for line, item in zip(lines, answer["items"], strict=True):
            result = item["create"]
            if result["status"] == _CREATED:
                outcome.created += 1
            elif result["status"] == _EXISTS:
                outcome.existing += 1
            elif is_passing(result["status"], result["error"]):
                again.append(line)
                reason = reason_of(result["error"])
            else:
                outcome.rejected.append(RejectedEvent(line.position, f"Elasticsearch: {reason_of(result['error'])}"))
        return again, reason

    def _refused(self, lines: list[Line], error: ApiError, outcome: Outcome) -> tuple[list[Line], str]:
        """A request was refused as a whole."""
        if error.status_code == _TOO_LARGE and len(lines) > 1:
            self.size.shrink()
            for half in (lines[: len(lines) // 2], lines[len(lines) // 2 :]):
                outcome.add(self.create(half))
            return [], ""
        if error.status_code == _TOO_LARGE:
            detail = f"Elasticsearch: the event has {lines[0].size:,} bytes, more than a request may have"
            outcome.rejected.append(RejectedEvent(lines[0].position, detail))
            return [], ""
        if is_passing(error.status_code, root_cause(error)):
            return lines, reason_of(root_cause(error))
        raise error

    def _send(self, lines: Sequence[Line]) -> Any:  # noqa: ANN401 (the client's answer)
        operations: list[Any] = [part for line in lines for part in (line.action, line.document)]
        return self._connection.client.bulk(
            operations=operations,
            include_source_on_error=False,
            filter_path="items.create.status,items.create.error",
        )


def is_passing(status: int, error: Any) -> bool:  # noqa: ANN401 (JSON)
    """Whether a refusal speaks of the cluster's state, not of the document: busy, a disk that is full, no shard."""
    kind = error.get("type") if isinstance(error, dict) else None
    return status == _BUSY or status >= _UNAVAILABLE or kind == _BLOCKED


def _waits() -> Iterator[float]:
    """Seconds between attempts: doubling, half of each at random."""
    longest = _FIRST_WAIT
    for _try in range(_TRIES):
        yield longest * (0.5 + random.random() / 2)  # noqa: S311 (spreads retries, guards nothing)
        longest = min(longest * 2, _LONGEST_WAIT)
