"""Statements that a database audited."""

from __future__ import annotations

from collections.abc import Iterator

from collectors.enrichment.flows.taking import Taking
from collectors.enrichment.flows.vocabulary import Activity
from collectors.enrichment.statements import STAR, Destination, StatementReading, TableName
from collectors.enrichment.statements.preparation import dialect_of
from events import Event
from registry.index import RegistryIndex, Resource

_OF_THE_SERVER = frozenset(
    [
        "information_schema",
        "pg_catalog",
        "performance_schema",
        "mysql",
        "sys",
        "pg_toast",
        "sysibm",
        "msdb",
        "tempdb",
        "dbms",
    ]
)
_SCHEMA_IS_DATABASE = frozenset({"mysql", "hive"})
_CHANGES = {
    "insert": Activity.COLLECT,
    "load": Activity.COLLECT,
    "copy": Activity.COLLECT,
    "update": Activity.PROCESS,
    "merge": Activity.PROCESS,
    "delete": Activity.DESTROY,
    "truncate": Activity.DESTROY,
    "drop": Activity.DESTROY,
    "alter": Activity.PROCESS,
}


def statement_takings(reading: StatementReading, event: Event, index: RegistryIndex) -> list[Taking]:
    """What a statement took or changed, one for each table that is data and no part of the server itself."""
    account = event.get("user.name")
    name = account if isinstance(account, str) else None
    activity = statement_activity(reading)
    takings = []
    for table in sorted(_tables_that_matter(reading)):
        resource = resource_of(table, event, index)
        outputs = reading.outputs.get(table)
        fields = None if outputs is None else tuple(sorted(outputs))
        if fields is not None and STAR in fields:
            fields = None
        masked = False if outputs else None
        takings.append(Taking(name, resource, str(table), activity, fields, _system(resource), (), masked))
    return takings


def statement_activity(reading: StatementReading) -> Activity:
    """What a statement does to data. Who writes a file or makes a table of what was read keeps a copy of it: stores."""
    if reading.destination is Destination.FILE or (
        reading.verb in {"create", "select"} and reading.destination is Destination.TABLE
    ):
        return Activity.STORE
    if reading.outputs and reading.destination is Destination.TABLE:
        return Activity.PROCESS
    if not reading.writes:
        return Activity.USE
    return _CHANGES.get(reading.verb, Activity.PROCESS)


def derivation(reading: StatementReading, event: Event, index: RegistryIndex) -> str | None:
    """What a table that is filled from others is to them: ``declared``, or ``undeclared`` where one is no parent."""
    if reading.destination is not Destination.TABLE or not reading.outputs:
        return None
    sources = {found.id for table in reading.outputs if (found := resource_of(table, event, index)) is not None}
    if not sources:
        return None
    for table in reading.writes:
        target = resource_of(table, event, index)
        lineage = {each.id for each in index.catalog.lineage(target.id)} if target is not None else set()
        if not sources <= lineage:
            return "undeclared"
    return "declared"


def resource_of(table: TableName, event: Event, index: RegistryIndex) -> Resource | None:
    """The registered table that a statement names; a name without a schema is looked for in the session's database."""
    session = event.get("database.name")
    current = session if isinstance(session, str) else None
    kind = event.get("database.type")
    if dialect_of(kind if isinstance(kind, str) else None) in _SCHEMA_IS_DATABASE:
        return index.table(table.schema or current, None, table.name)
    return index.table(table.catalog or current, table.schema or None, table.name)


def _tables_that_matter(reading: StatementReading) -> Iterator[TableName]:
    """What is changed by a change, what is read by a reading; of a derivation what it is made of too."""
    tables = {*reading.outputs, *(reading.writes if not reading.outputs else ())} or set(reading.reads)
    return (table for table in tables if not _is_of_the_server(table))


def _is_of_the_server(table: TableName) -> bool:
    return (
        table.schema in _OF_THE_SERVER
        or table.catalog in _OF_THE_SERVER
        or (not table.schema and table.name.startswith(("pg_", "sqlite_", "v$", "dba_")))
    )


def _system(resource: Resource | None) -> str | None:
    return resource.system_id if resource is not None else None
