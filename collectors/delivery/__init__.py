"""Delivery: takes batches of records from the sources to disk, loses none and doubles none.

What happens to a group of batches, in this order (``pipeline``):

1. the records are normalized to events, whose ids depend only on source identity, position and raw bytes, and the
   events are enriched: joined with what is registered, and rid of raw values that may not be stored;
2. the events go to the event store, which has them on disk when it returns and ignores ids it already holds;
3. the stored events are matched against the rules;
4. ONE transaction of the records database takes the alerts, the dead letters and the checkpoints;
5. the source is told, and may forget the records.

A crash before 4 leaves the checkpoint where it was: the source gives the same records again, they get the same ids,
the store ignores what it holds, and the alerts are recorded for the first time. A crash after 4 repeats nothing. So
every record ends as exactly one event or one dead letter, whenever the process dies. A store that fails is asked again,
ever more slowly (``worker``); the queue before it is bounded, so the sources wait meanwhile and lose nothing.
"""

from collectors.delivery.letters import DeadLetterFilter, StoredDeadLetter
from collectors.delivery.pipeline import Delivered, DeliverySettings, Pipeline, Stages
from collectors.delivery.queue import Group, Parcel
from collectors.delivery.replay import ReplayOutcome, replay_requested
from collectors.delivery.worker import Delivery, DeliveryStoppedError

__all__ = [
    "DeadLetterFilter",
    "Delivered",
    "Delivery",
    "DeliverySettings",
    "DeliveryStoppedError",
    "Group",
    "Parcel",
    "Pipeline",
    "ReplayOutcome",
    "Stages",
    "StoredDeadLetter",
    "replay_requested",
]
