"""What checks over records may look at."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from audit import Trust
from audit.verify_export import Verdict
from compliance.event_figures import EventFigures
from compliance.evidence import EvidenceRow
from compliance.platform_facts import PlatformFacts
from compliance.system import AssessedSystem
from policies.compliance.checks import RecordsCheck

_MS_PER_DAY = 86_400_000


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is the same for every system: what the platform says of itself, and the state of its audit trail."""

    facts: PlatformFacts
    trail: Verdict
    trust: Trust


@dataclass(frozen=True, slots=True)
class CheckContext:
    """One check of one system: records to read, what the events say, and the check's own policy."""

    name: str
    check: RecordsCheck
    session: Session
    system: AssessedSystem
    found: EventFigures
    surroundings: Surroundings

    @property
    def now(self) -> int:
        """The moment of the assessment (ms)."""
        return self.found.now

    @property
    def since(self) -> int:
        """When the period begins (ms)."""
        return self.now - self.check.days * _MS_PER_DAY

    def limit(self, name: str) -> float:
        """A limit of the policy."""
        return self.check.limits[name]

    def row(self, query: str, count: int, sample: dict[str, str] | None = None) -> EvidenceRow:
        """A state of the records as evidence."""
        title = self.check.title
        return EvidenceRow("records", (title.zh, title.en), query, count, (self.since, self.now), sample or {})

    def fact(self, query: str, count: int) -> EvidenceRow:
        """A state of the platform as evidence."""
        title = self.check.title
        return EvidenceRow("platform", (title.zh, title.en), query, count, (self.now, self.now))
