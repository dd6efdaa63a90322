"""The receiving half: a thread that remembers for the partitions of the matches topic that this worker has."""

from __future__ import annotations

import random
import threading
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import structlog

from collectors.record import DEAD_LETTER_BYTES, DeadLetter, Reason, RecordBatch
from collectors.transport import EnvelopeError, GroupConsumer, KafkaSettings, Received, partition_count
from collectors.transport.source import NAME
from detection import Match, RuleSet
from detection.alerts import AlertUpdate
from detection.tuning import TunedCorrelations, TunedMatches
from events import Event
from fengsui.detecting import record_updates
from fengsui.stateful.memory import PartitionMemory
from fengsui.stateful.messages import MatchedEvent, decode
from store.records import RecordsDatabase

_MESSAGES = 200
_WAIT_SECONDS = 0.5
_RETRY_SECONDS = 0.5
_LONGEST_RETRY_SECONDS = 15.0
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is used of the worker around: how it matches, who answers for an alert, and where dead letters go."""

    find: Callable[[Sequence[Event]], TunedMatches]
    accountable: Callable[[AlertUpdate], AlertUpdate]
    set_aside: Callable[[Sequence[RecordBatch]], object]


@dataclass(slots=True)
class _Arrived:
    """What has come of a partition and is not taken in.

    Attributes:
        held: events that wait until every partition of records has told how far it is.
        clocks: how far each is, in ms.
    """

    held: list[MatchedEvent] = field(default_factory=list)
    clocks: dict[int, int] = field(default_factory=dict)

    def note(self, clocks: Mapping[int, int]) -> None:
        """Take over how far partitions are; a worker that repeats what another did goes not back."""
        for partition, clock in clocks.items():
            self.clocks[partition] = max(clock, self.clocks.get(partition, clock))


class StatefulDetection:
    """Takes matched events until stopped; an offset moves on once what it brought is in the records database."""

    def __init__(self, settings: KafkaSettings, records: RecordsDatabase) -> None:
        """Ask how many partitions there are; nothing is taken before ``start``.

        Raises:
            TransportError: no broker answers.
        """
        self.topic = settings.matches_topic
        self.partitions = partition_count(settings, settings.matches_topic)
        self._sources = range(partition_count(settings, settings.records_topic))
        self._settings = settings
        self._records = records
        self._rule_set = RuleSet([], [])
        self._tuned = TunedCorrelations()
        self._memories: dict[int, PartitionMemory] = {}
        self._arrived: dict[int, _Arrived] = defaultdict(_Arrived)
        self._changing = threading.RLock()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self.group: GroupConsumer | None = None
        """The member of the consumer group, once started."""

    def follow(self, rule_set: RuleSet) -> None:
        """Remember for these rules from the next messages on; what unchanged rules remember stays."""
        with self._changing:
            self._rule_set = rule_set
            self._memories.clear()

    def tune(self, tuned: TunedCorrelations) -> None:
        """Follow what people say of correlations."""
        with self._changing:
            self._tuned = tuned
            for memory in self._memories.values():
                memory.tune(tuned)

    def start(self, around: Surroundings) -> None:
        """Join the group and begin."""
        self.group = GroupConsumer(self._settings, self.topic, "correlation", self._forget_others, hand_over_seconds=0)
        self._thread = threading.Thread(target=self._run, args=(self.group, around), name="stateful detection")
        self._thread.start()

    def stop(self) -> None:
        """End after the present messages, and leave the group."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
        if self.group is not None:
            self.group.close()

    def _run(self, group: GroupConsumer, around: Surroundings) -> None:
        wait = _RETRY_SECONDS
        left: dict[int, list[Received]] = {}
        while not self._stop.is_set():
            try:
                if not left:
                    left = _by_partition(group.take(_MESSAGES, _WAIT_SECONDS, self._stop))
                self._deliver(group, around, left)
                wait = _RETRY_SECONDS
            except Exception as error:  # noqa: BLE001 (whatever the brokers or the database raise: tried again)
                _log.warning("matches can't be taken in, trying again", error=type(error).__name__)
                self._stop.wait(wait * (0.5 + random.random() / 2))  # noqa: S311 (spreads retries, guards nothing)
                wait = min(wait * 2, _LONGEST_RETRY_SECONDS)

    def _deliver(self, group: GroupConsumer, around: Surroundings, left: dict[int, list[Received]]) -> None:
        """Take in the messages of each partition, and drop them from what is left."""
        for partition in list(left):
            messages = left[partition]
            with self._changing:
                if partition in group.partitions and self._take_in(around, partition, messages):
                    group.finish(partition, messages[-1].offset + 1, messages[-1].time_ms)
            del left[partition]

    def _take_in(self, around: Surroundings, partition: int, messages: Sequence[Received]) -> bool:
        """Bring messages into a partition's memory; False while they must wait for a clock."""
        arrived = self._arrived[partition]
        matched = [event for received in messages for event in self._read(around, arrived, received)]
        if len(arrived.clocks) < len(self._sources):
            arrived.held += matched
            return False
        memory = self._memory(partition)
        alerting = memory.take(_matches(around, arrived.held + matched), min(arrived.clocks.values()))
        with self._records.begin() as session:
            record_updates(session, memory.record(session, alerting, around.accountable))
        arrived.held = []
        return True

    def _read(self, around: Surroundings, arrived: _Arrived, received: Received) -> list[MatchedEvent]:
        try:
            message = decode(received.value)
        except EnvelopeError as error:
            raw = received.value[:DEAD_LETTER_BYTES]
            letter = DeadLetter(received.offset, Reason.UNDECODABLE, str(error), raw, len(received.value), NAME)
            around.set_aside([RecordBatch(NAME, f"{self.topic}/{received.partition}", [], [letter])])
            return []
        arrived.note(message.clocks)
        return message.matched

    def _memory(self, partition: int) -> PartitionMemory:
        memory = self._memories.get(partition)
        if memory is None:
            memory = PartitionMemory(self._rule_set, self._records, (partition, self.partitions))
            memory.tune(self._tuned)
            self._memories[partition] = memory
        return memory

    def _forget_others(self) -> None:
        """Forget what partitions remember that others have now; it is in the records database."""
        have = self.group.partitions if self.group is not None else frozenset()
        with self._changing:
            for partition in self._arrived.keys() - have:
                del self._arrived[partition]
                self._memories.pop(partition, None)


def _by_partition(found: Sequence[Received]) -> dict[int, list[Received]]:
    grouped: dict[int, list[Received]] = defaultdict(list)
    for received in found:
        grouped[received.partition].append(received)
    return dict(grouped)


def _matches(around: Surroundings, matched: Sequence[MatchedEvent]) -> list[Match]:
    """The matches that were sent, found again: a match holds what only its own process knows."""
    rule_ids = {str(each.event["event.id"]): each.rule_ids for each in matched}
    events = list({str(each.event["event.id"]): each.event for each in matched}.values())
    found = around.find(events).raised if events else []
    return [match for match in found if match.rule.id in rule_ids[str(match.event["event.id"])]]
