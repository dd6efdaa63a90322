"""A registry in a real database, empty or filled with the sample city."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from audit import Actor
from audit.authorship import ChangedBy
from registry import UnitScope
from registry.importing import ImportKind, import_file
from registry.registers import Editor
from store.records import RecordsDatabase
from store.records.migrate import upgrade

NOW = 1_795_000_000_000
"""2026-11-18, some hours after midnight UTC."""
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
def records(tmp_path: Path) -> Iterator[RecordsDatabase]:
    database = RecordsDatabase(f"sqlite:///{tmp_path}/records.db")
    upgrade(database)
    yield database
    database.close()


@pytest.fixture(scope="session")
def city_database(tmp_path_factory: pytest.TempPathFactory, project: Path) -> Path:
    path = tmp_path_factory.mktemp("city") / "records.db"
    database = RecordsDatabase(f"sqlite:///{path}")
    upgrade(database)
    for kind in ImportKind:
        report = import_file(
            database, kind, (project / f"samples/registry/{kind}.csv").read_bytes(), make_editor("demo")
        )
        assert report.taken, report.problems
    database.close()
    return path


@pytest.fixture
def city(tmp_path: Path, city_database: Path) -> Iterator[RecordsDatabase]:
    shutil.copy(city_database, tmp_path / "city.db")
    database = RecordsDatabase(f"sqlite:///{tmp_path}/city.db")
    yield database
    database.close()
