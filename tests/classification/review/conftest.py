"""A records database, scans that see what a test says, and people who review."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from audit import Actor
from classification.columns import ColumnFinding, Evidence
from classification.review import FieldFinding, ResourceScan, ReviewedBy, by_itself
from store.records import Base, RecordsDatabase

START = 1_767_225_600_000  # 2026-01-01T00:00:00Z

Scan = Callable[..., ResourceScan]
Person = Callable[..., ReviewedBy]
Seen = Callable[..., FieldFinding]


@pytest.fixture
def records(tmp_path: Path) -> Iterator[RecordsDatabase]:
    database = RecordsDatabase(f"sqlite:///{tmp_path / 'records.db'}")
    Base.metadata.create_all(database.engine)
    yield database
    database.close()


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
        found: dict[str, str | FieldFinding], version: str = "1", fields: tuple[str, ...] = (), **options: object
    ) -> ResourceScan:
        findings = [_seen(name, each) if isinstance(each, str) else each for name, each in found.items()]
        looked_at = [*dict.fromkeys([*found, *fields])]
        values: dict[str, object] = {"resource_id": "person", "scan_id": "s1", **options}
        return ResourceScan(
            resource_name="人口表", detector_version=version, fields=looked_at, findings=findings, **values
        )  # type: ignore[arg-type]  # a test's own options

    return made


@pytest.fixture(scope="session")
def system() -> Callable[[int], ReviewedBy]:
    return lambda after_ms=0: by_itself(START + after_ms)


@pytest.fixture(scope="session")
def person() -> Person:
    """Somebody at a moment after the start."""

    def made(name: str, after_ms: int = 0) -> ReviewedBy:
        return ReviewedBy(Actor("user", name, f"{name} 同志"), name, START + after_ms)

    return made
