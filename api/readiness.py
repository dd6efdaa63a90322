"""Whether a process can do its work: named checks, each of which says what is wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from store.errors import StoreError
from store.event_store import EventStore
from store.records import RecordsDatabase

OK = "ok"
Check: TypeAlias = Callable[[], str]
"""``ok``, or in a few words what is wrong; names no path, address or value, as the answer is public."""


def check_stores(records: RecordsDatabase, events: EventStore) -> dict[str, Check]:
    """The checks of both stores: each reads something."""

    def read_events() -> str:
        try:
            events.days()
        except (StoreError, OSError):
            return "unreachable"
        return OK

    return {**check_records(records), "events": read_events}


def check_records(records: RecordsDatabase) -> dict[str, Check]:
    """The check of the records database alone."""

    def read_records() -> str:
        try:
            with records.read() as session:
                session.execute(text("SELECT 1"))
        except SQLAlchemyError:
            return "unreachable"
        return OK

    return {"records": read_records}


def run_checks(checks: Mapping[str, Check]) -> tuple[bool, dict[str, str]]:
    """Whether all is well, and the state of each part."""
    states = {name: check() for name, check in checks.items()}
    return all(state == OK for state in states.values()), states
