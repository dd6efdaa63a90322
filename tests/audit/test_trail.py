"""The trail on a real database: appended in the caller's transaction, chained, and closed to change."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from audit import Actor, AuditEntry, AuditFilter, Trust, list_records, record, verify_trail
from store.records import RecordsDatabase
from tests.audit.tampering import open_to_change

_ACTOR = Actor("user", "u1", "王敏")


def _append(database: RecordsDatabase, count: int, action: str = "alert:close") -> None:
    with database.begin() as session:
        for number in range(count):
            record(session, AuditEntry(_ACTOR, action, "alert", f"a{number}", after={"state": "closed"}))


def _tamper(database: RecordsDatabase, statement: str) -> None:
    """Change the table as somebody with the database in hand would: without the triggers."""
    with database.begin() as session:
        open_to_change(session, "audit_records")
        session.execute(text(statement))


def test_numbers_records_without_gaps_and_verifies(database: RecordsDatabase) -> None:
    _append(database, 3)
    _append(database, 2)
    with database.read() as session:
        rows = list_records(session, AuditFilter(), 10)
        assert [row.sequence for row in rows] == [5, 4, 3, 2, 1]
        assert rows[0].previous_digest == rows[1].digest
        assert verify_trail(session, Trust()).holds


def test_vanishes_with_the_change_it_describes(database: RecordsDatabase) -> None:
    def change_and_fail() -> None:
        with database.begin() as session:
            record(session, AuditEntry(_ACTOR, "alert:close", "alert", "a1"))
            raise RuntimeError("the change failed")

    with pytest.raises(RuntimeError):
        change_and_fail()
    with database.read() as session:
        assert list_records(session, AuditFilter(), 10) == []


@pytest.mark.parametrize("statement", ["UPDATE audit_records SET reason = 'x'", "DELETE FROM audit_records"])
def test_refuses_change_and_removal(database: RecordsDatabase, statement: str) -> None:
    _append(database, 1)
    with pytest.raises(DBAPIError, match="append-only"), database.begin() as session:
        session.execute(text(statement))


@pytest.mark.parametrize(
    ("statement", "first_bad"),
    [
        ("UPDATE audit_records SET actor_name = '李雷' WHERE sequence = 4", 4),
        ("UPDATE audit_records SET after = NULL WHERE sequence = 2", 2),
        ("UPDATE audit_records SET source_address = '192.0.2.9' WHERE sequence = 1", 1),
        ("DELETE FROM audit_records WHERE sequence = 3", 3),
        ("DELETE FROM audit_records WHERE sequence = 1", 1),
        ("UPDATE audit_records SET digest = previous_digest WHERE sequence = 6", 6),
    ],
)
def test_names_the_first_record_that_was_tampered_with(
    database: RecordsDatabase, statement: str, first_bad: int
) -> None:
    _append(database, 6)
    _tamper(database, statement)
    with database.read() as session:
        assert verify_trail(session, Trust()).first_bad == first_bad


def test_concurrent_writers_make_one_chain(database: RecordsDatabase) -> None:
    writers = [threading.Thread(target=_append, args=(database, 5, f"writer:{name}")) for name in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    with database.read() as session:
        assert len(list_records(session, AuditFilter(), 100)) == 20
        assert verify_trail(session, Trust()).holds


def test_lists_by_actor_action_and_object(database: RecordsDatabase) -> None:
    _append(database, 2)
    _append(database, 1, "alert:reopen")
    with database.read() as session:
        assert [row.sequence for row in list_records(session, AuditFilter(action="alert:reopen"), 9)] == [3]
        assert [row.sequence for row in list_records(session, AuditFilter(object_id="a0"), 9)] == [3, 1]
        assert [row.sequence for row in list_records(session, AuditFilter(before_sequence=3), 1)] == [2]
        assert list_records(session, AuditFilter(actor_id="nobody"), 9) == []
