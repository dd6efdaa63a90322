"""Brings a records database to a version of its schema, by the steps in ``store/migrations``."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text

from store.records.database import RecordsDatabase

_MIGRATIONS = Path(__file__).resolve().parent.parent / "migrations"
_POSTGRESQL_LOCK = 0x6665_6E67_7375_6902
"""Key of the advisory lock that lets one process migrate at a time; SQLite's write lock does the same."""


def upgrade(database: RecordsDatabase, revision: str = "head") -> None:
    """Bring the database up to ``revision``, in one transaction; does nothing when it is there already."""
    with database.engine.begin() as connection:
        _wait_for_others(connection)
        command.upgrade(_config(connection), revision)


def downgrade(database: RecordsDatabase, revision: str) -> None:
    """Take the database back to ``revision`` (``base`` is empty); what later versions held is lost."""
    with database.engine.begin() as connection:
        _wait_for_others(connection)
        command.downgrade(_config(connection), revision)


def _wait_for_others(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _POSTGRESQL_LOCK})


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
