"""Bulk requests: as large as the cluster takes them, again where it is busy, and what became of each document."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from elasticsearch import ApiError

from store.elasticsearch.connection import Connection, reason_of, root_cause
from store.errors import StoreError
from store.event_store import RejectedEvent

_SMALLEST, _FIRST, _LARGEST = 256 << 10, 4 << 20, 8 << 20
_QUICK_SECONDS = 1.0
_TRIES = 7
_FIRST_WAIT, _LONGEST_WAIT = 0.1, 5.0
_CREATED, _BAD_REQUEST, _EXISTS, _TOO_LARGE, _BUSY = 201, 400, 409, 413, 429
_BLOCKED = "cluster_block_exception"
_OF_THE_CLUSTER = ("validation_exception", "index_closed_exception", "invalid_index_name_exception")
"""Bad requests that no document is to blame for: a cluster that may have no more shards, an index that was closed."""
_SHARD_WAIT = "20s"
"""How long a request waits for a shard that has no node."""


class Line(NamedTuple):
    """A document to create: its place in the batch, the two lines of a bulk body, and their bytes there."""

    position: int
    action: bytes
    document: bytes
    size: int


def line_of(position: int, action: bytes, document: bytes) -> Line:
    """A document to create."""
    return Line(position, action, document, len(action) + len(document) + 2)


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
            busy: list[Line] = []
            for chunk in self.chunks(pending):
                left, why = self._attempt(chunk, outcome)
                busy, reason = busy + left, why or reason
            if not busy:
                return outcome
            pending = busy
            self.size.shrink()
            time.sleep(wait)
        raise StoreError(
            f"{self._connection.where}: the cluster is too busy ({reason}); the events are sent again later"
        )

    def chunks(self, lines: Iterable[Line]) -> Iterator[list[Line]]:
        """Lines in requests of the size that is right when each is made."""
        chunk: list[Line] = []
        size = 0
        for line in lines:
            if chunk and size + line.size > self.size.bytes:
                yield chunk
                chunk, size = [], 0
            chunk.append(line)
            size += line.size
        if chunk:
            yield chunk

    def _attempt(self, lines: list[Line], outcome: Outcome) -> tuple[list[Line], str]:
        """Send lines once; returns those that the cluster was too busy for, and why."""
        started = time.monotonic()
        try:
            answer = self._send(lines)
        except ApiError as error:
            return self._refused(lines, error, outcome)
        self.size.note(time.monotonic() - started, sum(line.size for line in lines))
        busy, reason = [], ""
        for line, item in zip(lines, answer["items"], strict=True):
            result = item["create"]
            if result["status"] == _CREATED:
                outcome.created += 1
            elif result["status"] == _EXISTS:
                outcome.existing += 1
            elif self._is_busy(result["status"], result["error"]):
                busy.append(line)
                reason = reason_of(result["error"])
            else:
                outcome.rejected.append(RejectedEvent(line.position, f"Elasticsearch: {reason_of(result['error'])}"))
        return busy, reason

    def _refused(self, lines: list[Line], error: ApiError, outcome: Outcome) -> tuple[list[Line], str]:
        """A request was refused as a whole."""
        if error.status_code == _TOO_LARGE and len(lines) > 1:
            self.size.shrink()
            half = len(lines) // 2
            first, second = (self._attempt(part, outcome) for part in (lines[:half], lines[half:]))
            return first[0] + second[0], first[1] or second[1]
        if error.status_code == _TOO_LARGE:
            detail = f"Elasticsearch: the event has {lines[0].size:,} bytes, more than a request may have"
            outcome.rejected.append(RejectedEvent(lines[0].position, detail))
            return [], ""
        if self._is_busy(error.status_code, root_cause(error)):
            return lines, reason_of(root_cause(error))
        raise error

    def _is_busy(self, status: int, error: Any) -> bool:  # noqa: ANN401 (JSON)
        """Whether a refusal may pass within seconds; one that speaks of the document does not.

        Raises:
            StoreError: it speaks of the cluster, which someone has to mend: a full disk, a shard without node, rights.
        """
        kind = error.get("type") if isinstance(error, dict) else None
        if status == _BUSY and kind != _BLOCKED:
            return True
        if status != _BAD_REQUEST or kind in _OF_THE_CLUSTER:
            raise StoreError(
                f"{self._connection.where}: the cluster can't take events ({reason_of(error)}); "
                "mend it; the events are sent again later"
            )
        return False

    def _send(self, lines: Sequence[Line]) -> Any:  # noqa: ANN401 (the client's answer)
        operations: list[Any] = [part for line in lines for part in (line.action, line.document)]
        return self._connection.client.bulk(
            operations=operations,
            timeout=_SHARD_WAIT,
            include_source_on_error=False,
            filter_path="items.create.status,items.create.error",
        )


def _waits() -> Iterator[float]:
    """Seconds between attempts: doubling, half of each at random."""
    longest = _FIRST_WAIT
    for _try in range(_TRIES):
        yield longest * (0.5 + random.random() / 2)  # noqa: S311 (spreads retries, guards nothing)
        longest = min(longest * 2, _LONGEST_WAIT)
