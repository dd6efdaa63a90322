"""MySQL and MariaDB audit records of four writers.

- MySQL Enterprise Audit, JSON: ``{"timestamp", "class", "event", "account", "login", "general_data" …}``
- Percona Audit Log, JSON: ``{"audit_record": {"name", "timestamp", "sqltext", "user", …}}``
- MariaDB ``server_audit``: ``time,server,user,host,connection,query,operation,database,'object',code``
- the general query log: ``time<TAB>thread command<TAB>argument``
"""

from __future__ import annotations

from collections.abc import Mapping

from collectors.normalizers.contract import NormalizeError, SourceContext
from collectors.normalizers.database.mysql_lines import GENERAL, SERVER_AUDIT, general_event, server_audit_event
from collectors.normalizers.database.statement import session_fields, statement_fields
from collectors.normalizers.document import carrier, child, document_of, message_of, namespaced, number, present, text
from collectors.normalizers.moments import timestamp_of
from collectors.normalizers.network_fields import endpoint
from collectors.record import Reason, Record
from events import Event

_NAMESPACE = "mysql.audit."
_FEWEST_COMMAS = 8
_SESSIONS = {"connect": True, "change user": True, "change_user": True, "disconnect": False, "quit": False}


class MysqlAuditNormalizer:
    """Audit records and general log lines of MySQL, Percona Server and MariaDB."""

    name = "mysql_audit"

    def recognizes(self, record: Record) -> bool:
        """Whether the record has the shape of one of the four writers."""
        document = document_of(record)
        if document is not None:
            return _is_percona(document) or _is_enterprise(document)
        message = message_of(record)
        if message[:4].isdigit() and GENERAL.fullmatch(message) is not None:
            return True
        return message.count(",") >= _FEWEST_COMMAS and SERVER_AUDIT.fullmatch(message) is not None

    def normalize(self, record: Record, context: SourceContext) -> Event:
        """The event of a MySQL record.

        Raises:
            NormalizeError: the record is of none of the four shapes, or has no time.
        """
        document = document_of(record)
        if document is not None:
            event = _percona(document, context) if _is_percona(document) else _enterprise(document, context)
        elif (found := SERVER_AUDIT.fullmatch(message_of(record))) is not None:
            event = server_audit_event(found, record, context)
        elif (found := GENERAL.fullmatch(message_of(record))) is not None:
            event = general_event(found, context)
        else:
            raise NormalizeError(Reason.INVALID, "MySQL audit: in none of the four known shapes")
        return carrier(record) | event


def _is_percona(document: Mapping[str, object]) -> bool:
    inner = child(document, "audit_record")
    return "name" in inner and "timestamp" in inner


def _is_enterprise(document: Mapping[str, object]) -> bool:
    return "class" in document and "event" in document and "connection_id" in document and "account" in document


def _base(moment: object, action: str, status: int | None, context: SourceContext) -> Event:
    return {
        "@timestamp": timestamp_of(moment, context.zone, "timestamp"),
        "event.kind": "event",
        "event.dataset": "mysql.audit",
        "event.module": "mysql",
        "event.action": action,
        "event.outcome": "unknown" if status is None else "success" if status == 0 else "failure",
        "database.type": "mysql",
    }


def _percona(document: Mapping[str, object], context: SourceContext) -> Event:
    row = child(document, "audit_record")
    action = (text(row, "name") or "unknown").lower()
    event = _base(row.get("timestamp"), action, number(row, "status"), context)
    start = _SESSIONS.get(action)
    if start is None:
        event |= statement_fields(text(row, "sqltext"), text(row, "command_class"))
    else:
        event |= session_fields(start=start)
    event |= endpoint("source", text(row, "ip", "host"))
    user = (text(row, "user", "priv_user") or "").partition("[")[0].strip()
    event |= present(user__name=user, database__name=text(row, "db"))
    return event | namespaced(row, _NAMESPACE)


def _enterprise(document: Mapping[str, object], context: SourceContext) -> Event:
    general, table = child(document, "general_data"), child(document, "table_access_data")
    connection, login = child(document, "connection_data"), child(document, "login")
    action = text(document, "event") or "unknown"
    status = number(general, "status") if general else number(connection, "status")
    # The audit log writes UTC without saying so.
    moment = text(document, "timestamp")
    event = _base(f"{moment}Z" if moment and moment[-1].isdigit() else moment, action, status, context)
    start = _SESSIONS.get(action)
    if start is None:
        statement = text(general, "query") or text(table, "query")
        event |= statement_fields(statement, text(table, "sql_command") or text(general, "sql_command"))
    else:
        event |= session_fields(start=start)
    event |= endpoint("source", text(login, "ip") or text(child(document, "account"), "host"))
    event |= present(
        user__name=text(child(document, "account"), "user") or text(login, "user"),
        database__name=text(table, "db") or text(connection, "db"),
        fengsui__data__records=number(child(general, "query_statistics"), "rows_sent"),
    )
    return event | namespaced(document, _NAMESPACE)
