"""PostgreSQL server logs in their three layouts (csvlog, jsonlog, text with log_line_prefix), and pgaudit within them.

A zone abbreviation other than UTC or GMT says too little (CST is two zones); such a time is in the source's zone.
"""

from __future__ import annotations

from collections.abc import Mapping

from collectors.normalizers.contract import NormalizeError, SourceContext
from collectors.normalizers.database.postgresql_lines import csv_row, is_csv_row, is_text_line, text_row
from collectors.normalizers.database.postgresql_message import message_fields
from collectors.normalizers.document import carrier, document_of, message_of, namespaced, number, present, text
from collectors.normalizers.moments import timestamp_of
from collectors.normalizers.network_fields import endpoint
from collectors.record import Reason, Record
from events import Event

_UNIVERSAL = ("UTC", "GMT", "Z")
_FAILURES = frozenset({"ERROR", "FATAL", "PANIC"})


class PostgresqlAuditNormalizer:
    """PostgreSQL log records; those of pgaudit become ``postgresql.audit``, the others ``postgresql.log``."""

    name = "postgresql_audit"

    def recognizes(self, record: Record) -> bool:
        """Whether the record is laid out as PostgreSQL's server lays it out."""
        document = document_of(record)
        if document is not None:
            return "error_severity" in document and "timestamp" in document and "message" in document
        message = message_of(record)
        return is_csv_row(message) or is_text_line(message)

    def normalize(self, record: Record, context: SourceContext) -> Event:
        """The event of a PostgreSQL log record.

        Raises:
            NormalizeError: the record is in none of the layouts, or has no time.
        """
        document = document_of(record)
        if document is None:
            message = message_of(record)
            document = csv_row(message) or text_row(message)
        if document is None:
            raise NormalizeError(Reason.INVALID, "PostgreSQL log: neither csvlog nor jsonlog nor text with a time")
        return carrier(record) | _event(document, context)


def _event(row: Mapping[str, object], context: SourceContext) -> Event:
    severity = text(row, "error_severity") or "LOG"
    event: Event = {
        "@timestamp": _timestamp(text(row, "timestamp"), context),
        "event.kind": "event",
        "event.module": "postgresql",
        "event.outcome": "failure" if severity in _FAILURES else "success",
        "database.type": "postgresql",
        "log.level": severity.lower(),
    }
    event |= message_fields(text(row, "message") or "", text(row, "statement"))
    event |= endpoint("source", text(row, "remote_host"), row.get("remote_port"))
    event |= present(
        user__name=text(row, "user"),
        database__name=text(row, "dbname"),
        process__pid=number(row, "pid"),
        error__code=text(row, "state_code") if severity in _FAILURES else None,
    )
    return namespaced(row, "postgresql.log.") | event


def _timestamp(stamp: str | None, context: SourceContext) -> str:
    """The time of ``2026-01-31 08:15:30.123 CST``, ``… +08`` and their like."""
    if stamp is not None:
        moment, _, abbreviation = stamp.rpartition(" ")
        if abbreviation.isalpha():
            stamp = f"{moment}Z" if abbreviation in _UNIVERSAL else moment
        elif abbreviation[:1] in ("+", "-"):
            stamp = moment + abbreviation
    return timestamp_of(stamp, context.zone, "log_time")
