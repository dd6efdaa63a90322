"""Whether brokers can be reached, and what keeps a client from them: it tries again in silence otherwise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient

from collectors.transport.errors import TransportError
from collectors.transport.settings import KafkaSettings

_NO_REASON = frozenset({KafkaError._ALL_BROKERS_DOWN})  # noqa: SLF001 (the client's own name for it)
_SAID_SECONDS = 0.5


class Hindrance:
    """What a client last said about its connections; give it ``note`` as its ``error_cb``."""

    def __init__(self) -> None:
        """Nothing as yet."""
        self._said = ""

    def note(self, error: KafkaError) -> None:
        """Keep what the client says."""
        if error.code() not in _NO_REASON:
            self._said = error.str()

    def __str__(self) -> str:
        """The reason in brackets, to stand behind a message; empty where nothing was said."""
        return f" ({self._said})" if self._said else ""


@dataclass(frozen=True, slots=True)
class Brokers:
    """Brokers that answer, and the number of partitions of each of our topics that is there."""

    count: int
    partitions: dict[str, int]


def look_at_brokers(settings: KafkaSettings, seconds: float = 30) -> Brokers:
    """Ask the brokers who they are.

    Raises:
        TransportError: none answers within so many seconds; says what the client knows of why.
    """
    hindrance = Hindrance()
    told_why: dict[str, Any] = {"error_cb": hindrance.note}
    admin = AdminClient(settings.client() | told_why)
    try:
        told = admin.list_topics(timeout=seconds)
    except KafkaException as error:
        admin.poll(_SAID_SECONDS)
        raise no_answer(settings, hindrance) from error
    ours = (settings.records_topic, settings.matches_topic)
    found = {name: len(topic.partitions) for name, topic in told.topics.items() if name in ours}
    return Brokers(len(told.brokers), found)


def no_answer(settings: KafkaSettings, hindrance: Hindrance) -> TransportError:
    """The error of brokers that don't answer."""
    where = ", ".join(settings.servers)
    return TransportError(
        f"kafka: no broker of {where} answers{hindrance}; start one, or correct the section [kafka] of the settings"
    )
