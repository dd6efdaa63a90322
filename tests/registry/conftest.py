"""A registry in a real database, empty or filled with the sample city."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from audit import Actor
from audit.authorship import ChangedBy
from registry import UnitScope
from registry.importing import ImportKind, import_file
from registry.registers import Editor
from store.records import RecordsDatabase
from tests.servers.records import RecordsEngine

NOW = 1_795_000_000_000
"""2026-11-18, some hours after midnight UTC."""
_SAMPLES = Path(__file__).resolve().parents[2] / "samples" / "registry"
MakeEditor = Callable[..., Editor]


def make_editor(name: str = "officer", *, at_ms: int = NOW, units: list[str] | None = None) -> Editor:
    scope = UnitScope.everything() if units is None else UnitScope.below(units)
    return Editor(ChangedBy(Actor("user", name, name), at_ms), scope)


@pytest.fixture
def editor() -> MakeEditor:
    return make_editor


@pytest.fixture
def now() -> int:
    return NOW


@pytest.fixture
def records(empty_records: RecordsDatabase) -> RecordsDatabase:
    return empty_records


def _fill_with_city(database: RecordsDatabase) -> None:
    for kind in ImportKind:
        report = import_file(database, kind, (_SAMPLES / f"{kind}.csv").read_bytes(), make_editor("demo"))
        assert report.taken, report.problems


@pytest.fixture
def city(records_engine: RecordsEngine) -> Iterator[RecordsDatabase]:
    with records_engine.database(_fill_with_city) as database:
        yield database
