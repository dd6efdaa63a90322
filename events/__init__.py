"""The event itself: its flat form, its identity, its time and the table of its fields.

An event is one normalized log record: a flat mapping of dotted names (Elastic Common Schema 9, the source's own
fields under its namespace, ours under ``fengsui.``) to scalars or lists of scalars. Every other part speaks in it.
"""

from events.event import Event, Scalar, Value, flatten, values_of
from events.fields import FieldTable, FieldType, field_table
from events.identity import event_id
from events.outline import Origin, Outline, Proof
from events.time import (
    format_timestamp,
    now_ms,
    parse_timestamp,
    timestamp_ms,
)

__all__ = [
    "Event",
    "FieldTable",
    "FieldType",
    "Origin",
    "Outline",
    "Proof",
    "Scalar",
    "Value",
    "event_id",
    "field_table",
    "flatten",
    "format_timestamp",
    "now_ms",
    "parse_timestamp",
    "timestamp_ms",
    "values_of",
]
