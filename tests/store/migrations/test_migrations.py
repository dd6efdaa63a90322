"""Migrations make just the tables that the parts declare, triggers included, up and down."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError

import api.idempotency
import api.identity.models  # noqa: F401 (declares its tables)
import audit
import classification.review.models
import classification.scans.models  # noqa: F401 (declares its tables)
import collectors.delivery.models  # noqa: F401 (declares its tables)
import compliance.models  # noqa: F401 (declares its tables)
import detection.alerts.models
import detection.correlation.models
import detection.first_seen.models
import detection.intelligence.models
import detection.lifecycle.models
import detection.threshold.models
import detection.tuning.models  # noqa: F401 (declares its tables)
import incidents.models  # noqa: F401 (declares its tables)
import playbooks.runs.models
import playbooks.webhooks.models  # noqa: F401 (declares its tables)
import registry.models  # noqa: F401 (declares its tables)
from store.records import Base, RecordsDatabase
from store.records.migrate import downgrade, upgrade
from tests.servers.records import ENGINES


def _differences(database: RecordsDatabase) -> list[Any]:
    with database.engine.connect() as connection:
        return compare_metadata(MigrationContext.configure(connection), Base.metadata)


_TRIGGERS = {
    "sqlite": "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'",
    "postgresql": "SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal",
}


def _triggers(database: RecordsDatabase) -> set[tuple[str, str]]:
    with database.read() as session:
        rows = session.execute(text(_TRIGGERS[database.url.get_backend_name()]))
        return {(name, sql) for name, sql in rows}


@pytest.fixture(params=ENGINES)
def urls(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, str]]:
    """Two databases with nothing in them, on each engine."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/records.db", f"sqlite:///{tmp_path}/declared.db"
        return
    server = request.getfixturevalue("postgresql_server")
    with server.fresh_database() as first, server.fresh_database() as second:
        yield first, second


@pytest.fixture
def database(urls: tuple[str, str]) -> Iterator[RecordsDatabase]:
    with closing(RecordsDatabase(urls[0])) as opened:
        yield opened


def test_an_upgrade_makes_what_the_parts_declare(database: RecordsDatabase, urls: tuple[str, str]) -> None:
    upgrade(database)
    assert _differences(database) == []
    with closing(RecordsDatabase(urls[1])) as declared:
        Base.metadata.create_all(declared.engine)
        assert _triggers(database) == _triggers(declared)
    assert _triggers(database)


def test_an_upgrade_twice_is_one(database: RecordsDatabase) -> None:
    upgrade(database)
    upgrade(database)
    assert _differences(database) == []


def test_down_leaves_nothing_and_up_again_everything(database: RecordsDatabase) -> None:
    upgrade(database)
    downgrade(database, "base")
    assert inspect(database.engine).get_table_names() == ["alembic_version"]
    upgrade(database)
    assert _differences(database) == []


def test_a_failed_upgrade_leaves_nothing_half_made(database: RecordsDatabase) -> None:
    with database.begin() as session:
        session.execute(text("CREATE TABLE users (id TEXT)"))
    with pytest.raises(DBAPIError, match="already exists"):
        upgrade(database)
    assert inspect(database.engine).get_table_names() == ["users"]


def test_the_migrated_trail_refuses_change(database: RecordsDatabase) -> None:
    upgrade(database)
    with database.begin() as session:
        audit.record(session, audit.AuditEntry(audit.Actor("system", "t", "t"), "test:run", "test"))
    statements = ["UPDATE audit_records SET reason = 'x'", "DELETE FROM audit_records"]
    if database.url.get_backend_name() == "postgresql":
        statements.append("TRUNCATE audit_records")
    for statement in statements:
        with pytest.raises(DBAPIError, match="append-only"), database.begin() as session:
            session.execute(text(statement))


def test_no_name_is_longer_than_postgresql_takes(database: RecordsDatabase) -> None:
    upgrade(database)
    found = inspect(database.engine)
    names = []
    for table in found.get_table_names():
        parts = [*found.get_foreign_keys(table), *found.get_indexes(table), *found.get_unique_constraints(table)]
        names += [table, *(str(part["name"]) for part in [*parts, found.get_pk_constraint(table)])]
    assert [name for name in names if len(name) > 63] == []
