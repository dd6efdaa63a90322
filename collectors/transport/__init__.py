"""Transport: carries records from collectors to detection workers through Apache Kafka, loses none and doubles none.

Collectors forward batches of records (``forwarding``); workers read them as a consumer group (``source``). A source is
acknowledged when every in-sync replica has its batch; a worker's offset moves on when the event store and the records
database have what became of it. Whatever dies in between is repeated, and repeated records get the ids they had.
"""

from collectors.transport.brokers import Brokers, look_at_brokers
from collectors.transport.envelope import EnvelopeError
from collectors.transport.errors import TransportError
from collectors.transport.forwarding import Forwarding
from collectors.transport.group import GroupConsumer, Received
from collectors.transport.sending import Outgoing, Sender
from collectors.transport.settings import KafkaSettings
from collectors.transport.source import TransportSource
from collectors.transport.topics import ensure_topics, partition_count

__all__ = [
    "Brokers",
    "EnvelopeError",
    "Forwarding",
    "GroupConsumer",
    "KafkaSettings",
    "Outgoing",
    "Received",
    "Sender",
    "TransportError",
    "TransportSource",
    "ensure_topics",
    "look_at_brokers",
    "partition_count",
]
