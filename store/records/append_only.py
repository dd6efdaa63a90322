"""Statements that make a table append-only: triggers that refuse UPDATE, DELETE and TRUNCATE."""

from __future__ import annotations


def append_only_statements(table_name: str, backend: str) -> list[str]:
    """The statements that make a table append-only on ``sqlite`` or ``postgresql``."""
    if backend == "sqlite":
        return [_sqlite_trigger(table_name, operation) for operation in ("UPDATE", "DELETE")]
    return _postgresql_statements(table_name)


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
