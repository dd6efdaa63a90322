"""A small tree of units with two systems and three alerts, for tests of incidents."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from detection.alerts import AlertUpdate, record_matches
from incidents import Subject
from incidents.models import ClockEvent
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


def clock_events(session: Session, subject: Subject, subject_id: str) -> list[ClockEvent]:
    """Everything that happened to the clocks of an incident or a notice, oldest first."""
    of_it = (ClockEvent.subject == subject, ClockEvent.subject_id == subject_id)
    return list(session.scalars(select(ClockEvent).where(*of_it).order_by(ClockEvent.id)))


def alert_update(
    alert_id: str,
    severity: int = 3,
    entity: dict[str, str] | None = None,
    parties: tuple[str | None, str | None] = (None, None),
) -> AlertUpdate:
    named = entity if entity is not None else {"host.name": alert_id}
    events = [(f"e-{alert_id}", MONDAY)]
    return AlertUpdate(
        alert_id, "rule-1", "A rule", "high", severity, [], [], "fengsui.flow", named, [], events, *parties
    )


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
