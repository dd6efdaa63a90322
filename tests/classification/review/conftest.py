"""A records database, scans that see what a test says, and people who review."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from audit import Actor
from audit.authorship import ChangedBy
from classification.columns import ColumnFinding, Evidence
from classification.review import FieldFinding, Finding, ResourceScan, by_itself, suggest
from registry import ResourceKind, UnitLevel, UnitScope
from registry.entries import FieldEntry, ResourceEntry, UnitEntry
from registry.registers import RESOURCES, UNITS, Editor, put
from store.records import RecordsDatabase

START = 1_767_225_600_000  # 2026-01-01T00:00:00Z

Scan = Callable[..., ResourceScan]
Person = Callable[..., ChangedBy]
Seen = Callable[..., FieldFinding]


@pytest.fixture
def records(empty_records: RecordsDatabase) -> RecordsDatabase:
    return empty_records


def _seen(field: str, category: str, **options: object) -> FieldFinding:
    """A finding of a scan: half the values, by checksum unless other kinds are named."""
    kinds = options.get("kinds", ("checksum",))
    assert isinstance(kinds, tuple)
    reasons = tuple(Evidence(kind, 0.95, f"{kind} holds") for kind in kinds)
    confidence = float(str(options.get("confidence", 0.97)))
    samples = options.get("samples", ())
    assert isinstance(samples, tuple)
    return FieldFinding(field, ColumnFinding(category, confidence, 0.5, (0.4, 0.6), 50, 100, reasons), samples)


@pytest.fixture(scope="session")
def seen() -> Seen:
    return _seen


@pytest.fixture(scope="session")
def scan() -> Scan:
    """A scan of the table ``person`` that sees ``{field: category or finding}``; it looks at ``fields`` besides."""

    def made(
        found: dict[str, str | FieldFinding],
        version: str = "1",
        fields: tuple[str, ...] = (),
        **options: Any,  # noqa: ANN401 (any of its fields)
    ) -> ResourceScan:
        findings = [_seen(name, each) if isinstance(each, str) else each for name, each in found.items()]
        looked_at = [*dict.fromkeys([*found, *fields])]
        values = {"resource_id": "person", "scan_id": "s1", **options}
        return ResourceScan(
            resource_name="人口表", detector_version=version, fields=looked_at, findings=findings, **values
        )

    return made


@pytest.fixture(scope="session")
def system() -> Callable[[int], ChangedBy]:
    return lambda after_ms=0: by_itself(START + after_ms)


@pytest.fixture(scope="session")
def person() -> Person:
    """Somebody at a moment after the start."""

    def made(name: str, after_ms: int = 0) -> ChangedBy:
        return ChangedBy(Actor("user", name, f"{name} 同志"), START + after_ms)

    return made


@pytest.fixture
def city(records: RecordsDatabase) -> RecordsDatabase:
    """A province with a city and two offices; ``person`` is the first office's table, ``visits`` the second's.

    ``summary`` is derived from ``person``.
    """
    editor = Editor(ChangedBy(Actor("system", "test", "test"), START), UnitScope.everything())
    with records.begin() as session:
        for unit_id, level, parent in (
            ("gx", "province", None),
            ("lanhu", "city", "gx"),
            ("gjj", "county", "lanhu"),
            ("wjw", "county", "lanhu"),
        ):
            entry = UnitEntry(id=unit_id, name=unit_id, level=UnitLevel(level), parent_id=parent)
            put(session, UNITS, entry, editor)
        for resource_id, provider, parents in (
            ("person", "gjj", []),
            ("visits", "wjw", []),
            ("summary", "wjw", ["person"]),
        ):
            put(session, RESOURCES, _resource(resource_id, provider, parents), editor)
    return records


def _resource(resource_id: str, provider: str, parents: list[str]) -> ResourceEntry:
    fields = [FieldEntry(name=name) for name in ("XM", "sfzh", "dh", "ddh")]
    return ResourceEntry(
        id=resource_id,
        name=f"资源 {resource_id}",
        kind=ResourceKind.TABLE,
        provider_id=provider,
        table=resource_id,
        parents=parents,
        fields=fields,
    )


@pytest.fixture
def found(city: RecordsDatabase, scan: Scan, system: Callable[[int], ChangedBy]) -> dict[str, str]:
    """Ids of the findings of a first scan, by field."""
    with city.begin() as session:
        suggest(session, scan({"sfzh": "resident_id", "xm": "person_name", "ddh": "bank_card"}), system(0))
        return {row.field: row.id for row in session.scalars(select(Finding))}
