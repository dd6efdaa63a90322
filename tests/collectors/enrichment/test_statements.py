"""Reading SQL statements: right, or declared unknown."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from collectors.enrichment.statements import Destination, StatementReader
from collectors.enrichment.statements.reading import Columns

TABLES = {
    "person": frozenset(["id", "name", "id_number", "mobile", "address", "unit_id"]),
    "unit": frozenset(["id", "title", "code"]),
    "insured": frozenset(["person_id", "insured_no", "status", "paid"]),
    "visit": frozenset(["visit_id", "insured_no", "diagnosis", "cost", "visited_on"]),
}
_FEWEST = 200


@dataclass(frozen=True)
class Case:
    """A statement with what is to be read from it."""

    dialect: str
    statement: str
    outputs: frozenset[str]
    reads: frozenset[str]
    writes: frozenset[str]
    flags: frozenset[str]


def cases() -> Iterator[Case]:
    text = Path(__file__).with_name("statements.txt").read_text(encoding="utf-8")
    for line in text.splitlines():
        if line and not line.startswith("#"):
            dialect, statement, outputs, others, writes, flags = (part.strip() for part in line.split("|"))
            out = frozenset(outputs.split())
            yield Case(
                dialect, statement, out, out | set(others.split()), frozenset(writes.split()), frozenset(flags.split())
            )


CASES = list(cases())


def reader() -> StatementReader:
    return StatementReader(lambda table: TABLES.get(table.name))


def spelled(columns: Columns) -> set[str]:
    return {f"{table}.{name}" for table, names in columns.items() for name in names or ("",)}


def test_there_are_enough_statements() -> None:
    assert len({case.statement for case in CASES}) >= _FEWEST


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.dialect}: {case.statement[:60]}")
def test_is_right_or_declared_unknown(case: Case) -> None:
    reading = reader().read(case.statement, case.dialect)
    if "unknown" in case.flags:
        assert reading.unknown is not None
        return
    assert reading.unknown is None
    assert spelled(reading.outputs) == case.outputs
    assert spelled(reading.reads) == case.reads
    assert spelled(reading.writes) == case.writes
    assert reading.destination == next(flag for flag in case.flags if flag in list(Destination))
    assert reading.unconditional == ("whole" in case.flags)
