"""Tables that only grow: triggers that refuse UPDATE, DELETE and TRUNCATE."""

from __future__ import annotations

from sqlalchemy import DDL, FromClause, Table, event
from sqlalchemy.schema import ExecutableDDLElement

from store.records.append_only import append_only_statements

_BACKENDS = ("sqlite", "postgresql")


def append_only(table: FromClause) -> None:
    """Install the triggers whenever the metadata creates the table."""
    if not isinstance(table, Table):
        raise TypeError(f"{table!r} is no table")
    for backend in _BACKENDS:
        for statement in append_only_statements(table.name, backend):
            event.listen(table, "after_create", _only_on(backend, statement))


def _only_on(backend: str, statement: str) -> ExecutableDDLElement:
    ddl: ExecutableDDLElement = DDL(statement.replace("%", "%%"))  # type: ignore[no-untyped-call]  # untyped in SQLAlchemy
    return ddl.execute_if(dialect=backend)
