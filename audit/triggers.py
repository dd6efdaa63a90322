"""Tables that only grow: triggers that refuse UPDATE, DELETE and TRUNCATE."""

from __future__ import annotations

from sqlalchemy import DDL, FromClause, Table, event
from sqlalchemy.schema import ExecutableDDLElement

_BACKENDS = ("sqlite", "postgresql")


def append_only_statements(table_name: str, backend: str) -> list[str]:
    """The statements that make a table append-only on ``sqlite`` or ``postgresql``."""
    if backend == "sqlite":
        return [_sqlite_trigger(table_name, operation) for operation in ("UPDATE", "DELETE")]
    return _postgresql_statements(table_name)


def append_only(table: FromClause) -> None:
    """Install the triggers whenever the metadata creates the table."""
    if not isinstance(table, Table):
        raise TypeError(f"{table!r} is no table")
    for backend in _BACKENDS:
        for statement in append_only_statements(table.name, backend):
            event.listen(table, "after_create", _only_on(backend, statement))


def _only_on(backend: str, statement: str) -> ExecutableDDLElement:
    ddl: ExecutableDDLElement = DDL(statement.replace("%", "%%"))  # type: ignore[no-untyped-call]
    return ddl.execute_if(dialect=backend)


def _sqlite_trigger(table_name: str, operation: str) -> str:
    return (
        f"CREATE TRIGGER {table_name}_no_{operation.lower()} BEFORE {operation} ON {table_name} "
        f"BEGIN SELECT RAISE(ABORT, '{table_name} is append-only'); END"
    )


def _postgresql_statements(table_name: str) -> list[str]:
    function = f"{table_name}_refuse_change"
    return [
        (
            f"CREATE OR REPLACE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS $$ "
            f"BEGIN RAISE EXCEPTION '{table_name} is append-only'; END $$"
        ),
        (
            f"CREATE TRIGGER {table_name}_no_change BEFORE UPDATE OR DELETE ON {table_name} "
            f"FOR EACH ROW EXECUTE FUNCTION {function}()"
        ),
        (
            f"CREATE TRIGGER {table_name}_no_truncate BEFORE TRUNCATE ON {table_name} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION {function}()"
        ),
    ]
