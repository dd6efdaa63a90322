"""Zeek logs as JSON: one row a document, its log named by ``_path``, ``@stream`` or known by its columns.

Every column stays under ``zeek.<log>.`` with its own name (``zeek.conn.id.orig_h``).
Source: The Zeek documentation, "Log files".
"""

from __future__ import annotations

from collectors.normalizers.contract import SourceContext
from collectors.normalizers.document import carrier, document_of, namespaced, number, present, text
from collectors.normalizers.moments import timestamp_of
from collectors.normalizers.network.zeek_fields import COLUMNS, LONGS, log_of_columns, protocol_fields
from collectors.normalizers.network_fields import endpoint, network_type
from collectors.record import Record
from events import Event

_NAMES = ("_path", "@stream", "_stream")
_NO_ZEEK_NAME = frozenset({"event_type", "eventName", "kind"})


class ZeekNormalizer:
    """One row of any Zeek log a document."""

    name = "zeek"

    def recognizes(self, record: Record) -> bool:
        """Whether the document is a row of a Zeek log: it has ``ts`` and a log that can be told."""
        document = document_of(record)
        if document is None or "ts" not in document or not _NO_ZEEK_NAME.isdisjoint(document):
            return False
        return any(isinstance(document.get(name), str) for name in _NAMES) or log_of_columns(_row(record)) is not None

    def normalize(self, record: Record, context: SourceContext) -> Event:
        """The event of a Zeek row.

        Raises:
            NormalizeError: the row has no time or is nested too deeply.
        """
        row = _row(record)
        log = text(row, *_NAMES) or log_of_columns(row) or "log"
        event: Event = {
            "@timestamp": timestamp_of(row.get("ts"), context.zone, "ts"),
            "event.kind": "alert" if log == "notice" else "event",
            "event.dataset": f"zeek.{log}",
            "event.module": "zeek",
        }
        event |= carrier(record) | _connection(row)
        for column, field in COLUMNS.get(log, {}).items():
            value = row.get(column)
            event |= present(**{field: number(row, column) if field in LONGS else value})
        event |= protocol_fields(log, row)
        prefix = f"zeek.{log}."
        return event | {f"{prefix}{name}": value for name, value in row.items() if name not in _NAMES}


def _row(record: Record) -> Event:
    return namespaced(document_of(record) or {}, "")


def _connection(row: Event) -> Event:
    event = endpoint("source", text(row, "id.orig_h"), row.get("id.orig_p"))
    event |= endpoint("destination", text(row, "id.resp_h"), row.get("id.resp_p"))
    address = event.get("source.ip")
    return event | present(
        network__transport=(text(row, "proto") or "").lower(),
        network__type=network_type(address if isinstance(address, str) else None),
        network__community_id=text(row, "community_id"),
        event__reference=text(row, "uid"),
    )
