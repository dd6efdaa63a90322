"""Lines of MariaDB's ``server_audit`` plugin and of the general query log of MySQL and MariaDB."""

from __future__ import annotations

import re

from collectors.normalizers.contract import SourceContext
from collectors.normalizers.database.statement import session_fields, statement_fields
from collectors.normalizers.document import present, whole_number
from collectors.normalizers.moments import carrier_timestamp, timestamp_of
from collectors.normalizers.network_fields import endpoint
from collectors.record import Record
from events import Event

_OPERATIONS = (
    "CONNECT|DISCONNECT|FAILED_CONNECT|QUERY|QUERY_DDL|QUERY_DML|QUERY_DCL|READ|WRITE|CREATE|ALTER|RENAME|DROP"
)
SERVER_AUDIT = re.compile(
    rf"""(?:(?P<time>[0-9]{{8}}\ [0-9]{{2}}:[0-9]{{2}}:[0-9]{{2}}|[0-9]{{16}}),)?
    (?P<serverhost>[^,\n]*),(?P<username>[^,\n]*),(?P<host>[^,\n]*),
    (?P<connectionid>[0-9]{{1,19}}),(?P<queryid>[0-9]{{1,19}}),(?P<operation>{_OPERATIONS}),
    (?P<database>[^,\n]*),(?:'(?P<quoted>.*)'|(?P<object>[^',]*)),(?P<retcode>[0-9]{{1,9}})(?:,.*)?""",
    re.VERBOSE | re.DOTALL,
)
_COMMANDS = r"Connect|Query|Quit|Init\ DB|Prepare|Execute|Close\ stmt|Field\ List|Change\ user|Statistics|Ping|Kill"
GENERAL = re.compile(
    rf"""(?P<time>[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}T[0-9:]{{8}}(?:\.[0-9]{{1,6}})?(?:Z|[+-][0-9]{{2}}:[0-9]{{2}}))\s+
    (?P<thread>[0-9]{{1,19}})\ (?P<command>{_COMMANDS})(?:\t(?P<argument>.*))?\s*""",
    re.VERBOSE | re.DOTALL,
)
_LOGIN = re.compile(r"(?:Access denied for user ')?(?P<user>[^@'\s]*)'?@'?(?P<host>[^'\s]*)'?(?: on (?P<db>\S*))?.*")


def server_audit_event(found: re.Match[str], record: Record, context: SourceContext) -> Event:
    """The event of a line that ``SERVER_AUDIT`` matched; without a time of its own it has that of its syslog header.

    Raises:
        NormalizeError: neither says when.
    """
    operation, code = found["operation"], whole_number(found["retcode"])
    target = found["quoted"].replace("\\'", "'") if found["quoted"] is not None else found["object"]
    event: Event = _base(_server_audit_time(found, record, context), operation.lower())
    event["event.outcome"] = "success" if code == 0 and operation != "FAILED_CONNECT" else "failure"
    if operation.endswith("CONNECT"):
        event |= session_fields(start=operation != "DISCONNECT")
    elif operation.startswith("QUERY"):
        event |= statement_fields(target)
    else:
        event |= statement_fields(None, "select" if operation == "READ" else operation)
    event |= endpoint("source", found["host"]) | present(user__name=found["username"], database__name=found["database"])
    names = ("serverhost", "username", "host", "connectionid", "queryid", "operation", "database", "retcode")
    event |= {f"mysql.audit.{name}": found[name] for name in names if found[name]}
    return event | present(mysql__audit__object=target)


def general_event(found: re.Match[str], context: SourceContext) -> Event:
    """The event of a line that ``GENERAL`` matched.

    Raises:
        NormalizeError: the stamp is no time.
    """
    command, argument = found["command"], found["argument"] or ""
    event = _base(timestamp_of(found["time"], context.zone, "general log"), command.lower())
    event["event.outcome"] = "failure" if argument.startswith("Access denied") else "success"
    if command in ("Connect", "Change user", "Quit"):
        event |= session_fields(start=command != "Quit")
        login = _LOGIN.fullmatch(argument)
        if login is not None:
            event |= endpoint("source", login["host"])
            event |= present(user__name=login["user"], database__name=login["db"])
    elif command in ("Query", "Prepare", "Execute"):
        event |= statement_fields(argument)
    else:
        event |= statement_fields(None) | present(database__name=argument if command == "Init DB" else None)
    return event | present(
        mysql__audit__thread=whole_number(found["thread"]),
        mysql__audit__command=command,
        mysql__audit__argument=argument,
    )


def _base(timestamp: str, action: str) -> Event:
    return {
        "@timestamp": timestamp,
        "event.kind": "event",
        "event.dataset": "mysql.audit",
        "event.module": "mysql",
        "event.action": action,
        "database.type": "mysql",
    }


def _server_audit_time(found: re.Match[str], record: Record, context: SourceContext) -> str:
    stamp = found["time"]
    if stamp is not None:
        dashed = f"{stamp[:4]}-{stamp[4:6]}-{stamp[6:]}" if " " in stamp else stamp
        return timestamp_of(dashed, context.zone, "server_audit")
    return carrier_timestamp(record, context, "server_audit")
