"""The topics: made where they are missing, never changed."""

from __future__ import annotations

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from collectors.transport.brokers import Hindrance, look_at_brokers, no_answer
from collectors.transport.errors import TransportError
from collectors.transport.settings import LARGEST_MESSAGE, KafkaSettings

_ANSWER_SECONDS = 30.0
_BROKERS_DEFAULT = -1
_HOUR_MS = 3_600_000


def ensure_topics(settings: KafkaSettings) -> None:
    """Make the topics that are missing.

    Raises:
        TransportError: no broker answers, or they refuse.
    """
    look_at_brokers(settings, _ANSWER_SECONDS)
    admin = AdminClient(settings.client())
    kept = {"retention.ms": str(settings.retention_hours * _HOUR_MS), "max.message.bytes": str(LARGEST_MESSAGE)}
    copies = settings.replication or _BROKERS_DEFAULT
    wanted = [
        NewTopic(name, settings.partitions, copies, config=kept)
        for name in (settings.records_topic, settings.matches_topic)
    ]
    for name, made in admin.create_topics(wanted, operation_timeout=_ANSWER_SECONDS).items():
        try:
            made.result(_ANSWER_SECONDS)
        except KafkaException as error:
            if error.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:
                raise TransportError(f"kafka: topic {name} can't be made: {error.args[0].str()}") from error
        except TimeoutError as error:
            raise no_answer(settings, Hindrance()) from error


def partition_count(settings: KafkaSettings, topic: str) -> int:
    """How many partitions a topic has.

    Raises:
        TransportError: no broker answers, or the topic is missing.
    """
    found = look_at_brokers(settings, _ANSWER_SECONDS).partitions.get(topic)
    if not found:
        raise TransportError(f"kafka: topic {topic} is missing; start a collector or a worker, which makes it")
    return found
