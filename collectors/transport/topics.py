"""The topics: made where they are missing, never changed."""

from __future__ import annotations

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

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
            raise TransportError(f"kafka: no broker of {', '.join(settings.servers)} answers; start one") from error


def partition_count(settings: KafkaSettings, topic: str) -> int:
    """How many partitions a topic has.

    Raises:
        TransportError: no broker answers, or the topic is missing.
    """
    admin = AdminClient(settings.client())
    try:
        found = admin.list_topics(topic, timeout=_ANSWER_SECONDS).topics[topic]
    except KafkaException as error:
        raise TransportError(f"kafka: no broker of {', '.join(settings.servers)} answers; start one") from error
    if not found.partitions:
        raise TransportError(f"kafka: topic {topic} is missing; start a collector or a worker, which makes it")
    return len(found.partitions)
