"""The city's registers are what their generator writes, and the demo loads them once."""

from __future__ import annotations

from pathlib import Path

from fengsui.demo import load_demo_registry
from registry import LiveRegistry, UnitLevel
from samples.generate.__main__ import write
from samples.generate.registry import FILES
from store.records import RecordsDatabase
from store.records.migrate import upgrade


def test_generator_writes_the_committed_registers_byte_for_byte(project: Path, tmp_path: Path) -> None:
    write(tmp_path, FILES)
    folder = project / "samples" / "registry"
    assert {path.name for path in folder.iterdir()} == set(FILES)
    assert [name for name in FILES if (tmp_path / name).read_bytes() != (folder / name).read_bytes()] == []


def test_the_demo_registers_the_city_once(tmp_path: Path) -> None:
    records = RecordsDatabase(f"sqlite:///{tmp_path}/records.db")
    upgrade(records)
    load_demo_registry(records)
    index = LiveRegistry(records).current
    assert {unit.level for unit in index.organization.units.values()} == set(UnitLevel)
    assert (len(index.organization.units), len(index.organization.systems), len(index.grants)) == (30, 15, 120)
    load_demo_registry(records)
    assert LiveRegistry(records).current.version == index.version
    records.close()
