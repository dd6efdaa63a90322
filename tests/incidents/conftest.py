"""A records database with a small tree of units, a system and an alert, and people who act in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from audit import Actor
from audit.authorship import ChangedBy
from detection.alerts import AlertUpdate, record_matches
from incidents import AttachmentFiles, Editor, Subject, Upload, attach
from registry import UnitScope
from registry.models import SystemRecord, UnitRecord
from store.records import Base, RecordsDatabase

MONDAY = 1_767_571_200_000 + 60_000 * 60 * 24 * 7
"""Monday, 12 January 2026, 08:00 in China: an hour before the offices open."""
MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


@dataclass(slots=True)
class Time:
    """The moment at which things happen."""

    now: int = MONDAY

    def pass_(self, ms: int) -> None:
        """Let time pass."""
        self.now += ms


People = Callable[..., Editor]


def alert_update(alert_id: str, severity: int = 3, entity: dict[str, str] | None = None) -> AlertUpdate:
    named = entity if entity is not None else {"host.name": alert_id}
    return AlertUpdate(
        alert_id, "rule-1", "A rule", "high", severity, [], [], "fengsui.flow", named, [], [(f"e-{alert_id}", MONDAY)]
    )


@pytest.fixture
def records(tmp_path: Path) -> Iterator[RecordsDatabase]:
    opened = RecordsDatabase(f"sqlite:///{tmp_path}/records.db")
    fill(opened)
    yield opened
    opened.close()


def fill(opened: RecordsDatabase) -> None:
    Base.metadata.create_all(opened.engine)
    with opened.begin() as session:
        for unit, parent, path in (
            ("city", None, "/city/"),
            ("housing", "city", "/city/housing/"),
            ("police", "city", "/city/police/"),
        ):
            session.add(
                UnitRecord(
                    id=unit, name=unit, level="city", parent_id=parent, path=path, contacts=[], changed_ms=MONDAY
                )
            )
            session.flush()
        session.add(_system("portal", "housing", level=3))
        session.add(_system("grid", "police", level=3, critical=True))
        session.flush()
        record_matches(session, [alert_update(f"a{number}") for number in range(3)], MONDAY)


def _system(system_id: str, operator: str, *, level: int, critical: bool = False) -> SystemRecord:
    return SystemRecord(
        id=system_id,
        name=system_id,
        operator_id=operator,
        owner_id=operator,
        supervisor_id="city",
        level=level,
        level_s=None,
        level_a=None,
        filing_number="",
        is_critical=critical,
        zone="unit",
        description="",
        changed_ms=MONDAY,
    )


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def people(time: Time) -> People:
    """People by name; of all units, or of those named."""

    def person(name: str = "wang.min", *units: str) -> Editor:
        scope = UnitScope.below(units) if units else UnitScope.everything()
        return Editor(ChangedBy(Actor("user", name, name), time.now, "r1", "192.0.2.1"), scope)

    return person


@pytest.fixture
def files(tmp_path: Path) -> AttachmentFiles:
    return AttachmentFiles(tmp_path / "attachments")


@pytest.fixture
def evidence(records: RecordsDatabase, files: AttachmentFiles) -> Callable[[str, Editor], str]:
    """Attaches evidence to a notice; returns its id."""

    def give(notice_id: str, editor: Editor) -> str:
        with records.begin() as session:
            return attach(session, files, Upload(Subject.NOTICE, notice_id, "proof.pdf", PDF), editor).id

    return give
