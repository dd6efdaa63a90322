"""A member of a consumer group: takes messages of the partitions it is given, and says which are done."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition

from collectors.transport.errors import TransportError
from collectors.transport.settings import KafkaSettings

_SESSION_MS = 10_000
_PATIENCE_MS = 600_000
"""How long a member may work on what it took before the group gives its partitions to others."""
_HAND_OVER_SECONDS = 30.0
_FETCHED_KIB = 32 << 10
_MEASURE_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Received:
    """A message: ``time_ms`` is when it was sent."""

    partition: int
    offset: int
    time_ms: int
    value: bytes


@dataclass(slots=True)
class _Progress:
    """How far a partition that this member has is taken and done; offsets are those of the next message."""

    taken: int = -1
    done: int = -1
    done_time_ms: int | None = None
    end: int = -1


class GroupConsumer:
    """Takes messages in one thread; ``finish`` may be called in another."""

    def __init__(
        self,
        settings: KafkaSettings,
        topic: str,
        group: str,
        on_change: Callable[[], object] = lambda: None,
        hand_over_seconds: float = _HAND_OVER_SECONDS,
    ) -> None:
        """Join a group; ``on_change`` is called when partitions have come or gone.

        Before partitions go, what was taken of them is waited for so long, where another thread finishes it.
        """
        self._hand_over_seconds = hand_over_seconds
        self.topic = topic
        self._on_change = on_change
        self._stopping: threading.Event | None = None
        self._progress: dict[int, _Progress] = {}
        self._finished: set[int] = set()
        self._lag: dict[int, int] = {}
        self._measure_due = 0.0
        self._changed = threading.Condition()
        self._consumer = Consumer(
            {
                **settings.client(),
                "group.id": f"{settings.prefix}.{group}",
                "enable.auto.commit": True,
                "auto.commit.interval.ms": 1_000,
                "enable.auto.offset.store": False,
                "auto.offset.reset": "earliest",
                "partition.assignment.strategy": "cooperative-sticky",
                "session.timeout.ms": _SESSION_MS,
                "max.poll.interval.ms": _PATIENCE_MS,
                "queued.max.messages.kbytes": _FETCHED_KIB,
                "enable.partition.eof": True,
            }
        )
        self._consumer.subscribe([topic], on_assign=self._assigned, on_revoke=self._revoked, on_lost=self._lost)

    @property
    def partitions(self) -> frozenset[int]:
        """The partitions that this member has."""
        with self._changed:
            return frozenset(self._progress)

    def take(self, most: int, seconds: float, stop: threading.Event) -> list[Received]:
        """Messages, as soon as there are some; none after so many seconds.

        Raises:
            TransportError: the brokers refuse.
        """
        self._stopping = stop
        self._store_finished()
        self._measure()
        try:
            found = self._consumer.consume(most, seconds)
        except KafkaException as error:
            raise TransportError(f"kafka: {self.topic}: {error.args[0].str()}") from error
        return [received for message in found if (received := self._received(message)) is not None]

    def finish(self, partition: int, offset: int, time_ms: int) -> None:
        """Note that all of a partition before an offset is done, the last of it sent at a time.

        Nothing happens where another member has the partition by now: it takes the messages again.
        """
        with self._changed:
            progress = self._progress.get(partition)
            if progress is None:
                return
            progress.done, progress.done_time_ms = offset, time_ms
            self._finished.add(partition)
            self._changed.notify_all()

    def clocks(self, now: int) -> dict[int, int]:
        """Up to which time each partition is done: that of its last message, or now where none is left."""
        with self._changed:
            told = {partition: self._clock(each, now) for partition, each in self._progress.items()}
        return {partition: clock for partition, clock in told.items() if clock is not None}

    def lag(self) -> dict[int, int]:
        """How many messages of each partition are not done, as of when messages were last taken."""
        return dict(self._lag)

    def close(self) -> None:
        """Leave the group; what is done is kept. Once no other thread takes messages."""
        self._store_finished()
        with suppress(RuntimeError):  # closed already
            self._consumer.close()

    def _store_finished(self) -> None:
        """Let the client commit what is done. In the thread that takes messages: others would wait for the client."""
        with self._changed:
            finished, self._finished = self._finished, set()
            done = [(number, self._progress[number].done) for number in finished if number in self._progress]
        for number, offset in done:
            with suppress(KafkaException, RuntimeError):  # it has just gone to another member; closed already
                self._consumer.store_offsets(offsets=[TopicPartition(self.topic, number, offset)])

    def _measure(self) -> None:
        """Look at most once a second how far behind this member is."""
        if time.monotonic() < self._measure_due:
            return
        self._measure_due = time.monotonic() + _MEASURE_SECONDS
        with self._changed:
            known = {number: each.done if each.done >= 0 else each.end for number, each in self._progress.items()}
        behind = {}
        for number, done in known.items():
            _, high = self._consumer.get_watermark_offsets(TopicPartition(self.topic, number), cached=True)
            if high >= 0 and done >= 0:
                behind[number] = max(0, high - done)
        self._lag = behind

    def _received(self, message: Message) -> Received | None:
        error, partition, offset = message.error(), message.partition(), message.offset()
        if error is not None and error.code() != KafkaError._PARTITION_EOF:  # noqa: SLF001 (the client's own name for it)
            if error.retriable() or error.code() in _PASSING:
                return None
            raise TransportError(f"kafka: {self.topic}: {error.str()}")
        with self._changed:
            progress = self._progress.setdefault(partition or 0, _Progress())
            if error is not None:
                progress.end = offset or 0
                return None
            progress.taken = (offset or 0) + 1
        return Received(partition or 0, offset or 0, message.timestamp()[1], message.value() or b"")

    def _clock(self, progress: _Progress, now: int) -> int | None:
        is_at_end = progress.end >= 0 and progress.end >= progress.taken
        return now if is_at_end and progress.done >= progress.taken else progress.done_time_ms

    def _assigned(self, _consumer: Consumer, partitions: Sequence[TopicPartition]) -> None:
        with self._changed:
            for each in partitions:
                self._progress[each.partition] = _Progress()
        self._on_change()

    def _revoked(self, consumer: Consumer, partitions: Sequence[TopicPartition]) -> None:
        """Before partitions go: let what was taken of them be done, so that nobody does it twice."""
        numbers = [each.partition for each in partitions]
        deadline = time.monotonic() + self._hand_over_seconds
        with self._changed:
            while self._is_underway(numbers) and not self._is_stopping and time.monotonic() < deadline:
                self._changed.wait(0.1)
            done = [
                TopicPartition(self.topic, number, progress.done)
                for number in numbers
                if (progress := self._progress.get(number)) is not None and progress.done >= 0
            ]
        if done:
            with suppress(KafkaException):  # the next member takes them again
                consumer.commit(offsets=done, asynchronous=False)
        self._lost(consumer, partitions)

    def _lost(self, _consumer: Consumer, partitions: Sequence[TopicPartition]) -> None:
        with self._changed:
            for each in partitions:
                self._progress.pop(each.partition, None)
        self._on_change()

    @property
    def _is_stopping(self) -> bool:
        return self._stopping is not None and self._stopping.is_set()

    def _is_underway(self, numbers: Iterable[int]) -> bool:
        found: Mapping[int, _Progress] = self._progress
        return any((each := found.get(number)) is not None and each.done < each.taken for number in numbers)


_PASSING = frozenset({KafkaError._ALL_BROKERS_DOWN, KafkaError._TRANSPORT, KafkaError._RESOLVE})  # noqa: SLF001 (as above)
