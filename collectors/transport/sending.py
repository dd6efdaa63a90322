"""Messages to the brokers, each acknowledged by every in-sync replica before it counts as sent."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from confluent_kafka import KafkaError, KafkaException, Message, Producer

from collectors.transport.brokers import Hindrance
from collectors.transport.errors import TransportError
from collectors.transport.settings import LARGEST_MESSAGE, KafkaSettings

_DELIVERY_SECONDS = 30
_BUFFER_KIB = 64 << 10
_ANY_PARTITION = -1
Told: TypeAlias = Callable[[KafkaError | None, Message], None]


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message: to a partition, or to the one that its key falls to, or to any."""

    value: bytes
    key: bytes | None = None
    partition: int | None = None


class Sender:
    """Sends messages of several threads; a broker takes each once, however often it is sent on the way."""

    def __init__(self, settings: KafkaSettings) -> None:
        """Prepare; the brokers are asked when the first message is sent."""
        self._settings = settings
        self._hindrance = Hindrance()
        self._producer = self._connect()
        self._connecting = threading.Lock()

    def send(self, topic: str, messages: Sequence[Outgoing]) -> None:
        """Send messages and wait until they are acknowledged.

        Raises:
            TransportError: some were not within half a minute; those may arrive or not.
        """
        producer = self._producer
        answers: list[KafkaError | None] = []

        def told(error: KafkaError | None, _message: Message) -> None:
            answers.append(error)

        try:
            for message in messages:
                self._produce(producer, topic, message, told)
        except KafkaException as error:
            self._renew(producer)
            raise TransportError(f"kafka: {topic}: {error.args[0].str()}") from error
        while len(answers) < len(messages):  # each gets one, at the latest when its time is over
            producer.poll(0.1)
        failures = [error for error in answers if error is not None]
        if failures:
            if any(error.fatal() for error in failures):
                self._renew(producer)
            why = f"{failures[0].str()}{self._hindrance}"
            raise TransportError(f"kafka: {topic}: {len(failures)} messages not acknowledged: {why}")

    def _produce(self, producer: Producer, topic: str, message: Outgoing, told: Told) -> None:
        partition = _ANY_PARTITION if message.partition is None else message.partition
        while True:
            try:
                producer.produce(topic, message.value, message.key, partition, on_delivery=told)
            except BufferError:
                producer.poll(0.1)  # the local buffer is full: wait for answers
            else:
                return

    def _connect(self) -> Producer:
        return Producer(
            {
                **self._settings.client(),
                "error_cb": self._hindrance.note,
                "acks": "all",
                "enable.idempotence": True,
                "compression.type": "zstd",
                "linger.ms": 5,
                "delivery.timeout.ms": _DELIVERY_SECONDS * 1000,
                "message.max.bytes": LARGEST_MESSAGE,
                "queue.buffering.max.kbytes": _BUFFER_KIB,
            }
        )

    def _renew(self, broken: Producer) -> None:
        """An idempotent producer that has failed for good sends nothing more: another takes its place."""
        with self._connecting:
            if self._producer is broken:
                self._producer = self._connect()
