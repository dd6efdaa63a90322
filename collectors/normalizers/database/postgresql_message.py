"""What a PostgreSQL log message says: pgaudit's records, statements, connections.

pgaudit writes ``AUDIT: SESSION|OBJECT,statement id,substatement id,class,command,object type,object name,statement,
parameters[,rows]``, quoted as CSV (pgaudit README, "Format").
"""

from __future__ import annotations

import csv
import re

from collectors.normalizers.database.statement import session_fields, statement_fields
from collectors.normalizers.document import present, whole_number
from collectors.normalizers.network_fields import endpoint
from events import Event

_AUDIT = "AUDIT: "
_NAMES = (
    *("audit_type", "statement_id", "substatement_id", "class", "command", "object_type", "object_name"),
    *("statement", "parameter", "rows"),
)
_FEWEST_COLUMNS = 8
_STATEMENT = re.compile(
    r"(?:duration: (?P<duration>[0-9.]+) ms  )?(?:statement|execute [^:]*|parse [^:]*|bind [^:]*): (?P<statement>.*)",
    re.DOTALL,
)
_AUTHORIZED = re.compile(r"connection authorized: user=(?P<user>\S+)(?: database=(?P<database>\S+))?.*", re.DOTALL)
_RECEIVED = re.compile(r"connection received: host=(?P<host>\S+)(?: port=(?P<port>[0-9]{1,5}))?.*")
_ENDED = re.compile(
    r"disconnection: .*?user=(?P<user>\S+) database=(?P<database>\S+) "
    r"host=(?P<host>\S+)(?: port=(?P<port>[0-9]{1,5}))?.*"
)
_DENIED = re.compile(r'.*authentication failed for user "(?P<user>[^"]*)".*', re.DOTALL)


def message_fields(message: str, statement: str | None) -> Event:
    """The fields of a message.

    Args:
        message: the log message.
        statement: the statement that caused it, which csvlog and jsonlog keep apart.
    """
    if message.startswith(_AUDIT):
        audit = _audit_fields(message.removeprefix(_AUDIT))
        if audit is not None:
            return audit
    event: Event = {"event.dataset": "postgresql.log", "message": message}
    if found := _STATEMENT.fullmatch(message):
        duration = float(found["duration"]) if found["duration"] and found["duration"].count(".") <= 1 else None
        nanoseconds = int(duration * 1_000_000) if duration is not None else None
        return (
            event
            | statement_fields(found["statement"])
            | present(event__action="statement", event__duration=nanoseconds)
        )
    return event | (_connection_fields(message) or statement_fields(statement))


def _audit_fields(columns: str) -> Event | None:
    try:
        cells = next(csv.reader([columns.replace("\n", "\r")]))
    except (csv.Error, StopIteration):
        return None
    if len(cells) < _FEWEST_COLUMNS:
        return None
    row = dict(zip(_NAMES, cells, strict=False))
    event: Event = {f"postgresql.audit.{name}": cell for name, cell in row.items() if cell}
    event |= statement_fields(row["statement"].replace("\r", "\n"), row["command"])
    return event | present(
        event__dataset="postgresql.audit",
        event__action=row["command"].lower(),
        fengsui__data__records=whole_number(row.get("rows")),
    )


def _connection_fields(message: str) -> Event | None:
    if found := _AUTHORIZED.fullmatch(message):
        event = session_fields(start=True) | present(user__name=found["user"], database__name=found["database"])
        return event | {"event.action": "connection-authorized"}
    if found := _RECEIVED.fullmatch(message):
        event = session_fields(start=True) | endpoint("source", found["host"], found["port"])
        return event | {"event.action": "connection-received"}
    if found := _ENDED.fullmatch(message):
        event = session_fields(start=False) | endpoint("source", found["host"], found["port"])
        event |= {"user.name": found["user"], "database.name": found["database"]}
        return event | {"event.action": "disconnection"}
    if found := _DENIED.fullmatch(message):
        return session_fields(start=True) | {"user.name": found["user"], "event.action": "authentication-failed"}
    return None
