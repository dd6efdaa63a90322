"""Records of database-audit appliances as JSON, by the names that such products commonly use.

Recognized by a statement together with a database account. The names understood stand in ``_NAMES``; whatever else
the appliance sends is kept under ``database.audit.``.
"""

from __future__ import annotations

from collections.abc import Mapping

from collectors.normalizers.contract import SourceContext
from collectors.normalizers.database.statement import statement_fields
from collectors.normalizers.document import carrier, document_of, namespaced, number, present, text
from collectors.normalizers.moments import timestamp_of
from collectors.normalizers.network_fields import endpoint
from collectors.record import Record
from events import Event

_STATEMENT = ("sql", "sql_text", "sqlText", "sql_statement", "statement")
_ACCOUNT = ("db_user", "dbuser", "dbUser", "db_account", "database_user", "login_name")
_TIME = ("time", "timestamp", "@timestamp", "event_time", "start_time", "exec_time", "op_time", "log_time")
_CLIENT = ("client_ip", "clientIp", "src_ip", "source_ip", "user_ip")
_CLIENT_PORT = ("client_port", "clientPort", "src_port")
_SERVER = ("server_ip", "serverIp", "dst_ip", "db_ip", "db_host")
_SERVER_PORT = ("server_port", "serverPort", "dst_port", "db_port")
_DATABASE = ("db_name", "dbname", "dbName", "database", "schema", "instance")
_ROWS = ("rows", "row_count", "return_rows", "result_rows", "rows_returned", "affected_rows", "rowCount")
_OPERATION = ("operation", "sql_type", "sqlType", "command", "action", "op_type")
_RESULT = ("result", "status", "return_code", "ret_code", "error_code", "success")
_SUCCEEDED = frozenset({"0", "00000", "success", "succeeded", "ok", "true", "成功"})


class DatabaseAuditNormalizer:
    """One audited statement a document."""

    name = "database_audit"

    def recognizes(self, record: Record) -> bool:
        """Whether the document names a statement and a database account."""
        document = document_of(record)
        return document is not None and bool(text(document, *_STATEMENT)) and bool(text(document, *_ACCOUNT))

    def normalize(self, record: Record, context: SourceContext) -> Event:
        """The event of an audited statement.

        Raises:
            NormalizeError: the document has no time or is nested too deeply.
        """
        document: Mapping[str, object] = document_of(record) or {}
        operation = text(document, *_OPERATION)
        event: Event = {
            "@timestamp": timestamp_of(text(document, *_TIME), context.zone, "time"),
            "event.kind": "event",
            "event.dataset": "database.audit",
            "event.module": "database",
            "event.outcome": _outcome(text(document, *_RESULT)),
        }
        event |= statement_fields(text(document, *_STATEMENT), operation)
        event |= endpoint("source", text(document, *_CLIENT), number(document, *_CLIENT_PORT))
        event |= endpoint("destination", text(document, *_SERVER), number(document, *_SERVER_PORT))
        event |= present(
            event__action=(operation or "statement").lower(),
            user__name=text(document, *_ACCOUNT),
            source__user__name=text(document, "os_user", "osUser", "client_user"),
            process__name=text(document, "client_program", "program", "app_name", "client_app", "tool"),
            database__name=text(document, *_DATABASE),
            database__type=(text(document, "db_type", "dbType", "database_type") or "").lower(),
            fengsui__data__records=number(document, *_ROWS),
            rule__name=text(document, "rule_name", "rule"),
        )
        return carrier(record) | event | namespaced(document, "database.audit.")


def _outcome(result: str | None) -> str:
    if result is None:
        return "unknown"
    return "success" if result.lower() in _SUCCEEDED else "failure"
