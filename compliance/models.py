"""Tables of assessments with their evidence and judgments, of attestations and of reports."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from audit import append_only
from store.records.database import Base, UtcMilliseconds


class WorkState(StrEnum):
    """Where an assessment or a report stands."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class Queued(Base):
    """Something that a worker does when it is its turn.

    ``claimed_ms`` is when a worker took it up, ``attempts`` how often one did; ``problem`` is why it failed, as a code.
    """

    __abstract__ = True

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    state: Mapped[str] = mapped_column(String(16), index=True)
    requested_by: Mapped[str] = mapped_column(String(255))
    created_ms: Mapped[UtcMilliseconds]
    claimed_ms: Mapped[int | None] = mapped_column(BigInteger)
    attempts: Mapped[int]
    problem: Mapped[str | None] = mapped_column(Text)


class Assessment(Queued):
    """A system judged at a moment against the items that its levels demand.

    ``total`` and ``rate`` are hundredths: of points, and of the strict compliance rate in per cent; they follow what
    people decide afterwards. ``system`` is what was registered of the system at that moment.
    """

    __tablename__ = "compliance_assessments"

    system_id: Mapped[str] = mapped_column(ForeignKey("registry_systems.id"), index=True)
    level_s: Mapped[int]
    level_a: Mapped[int]
    assessed_ms: Mapped[int | None] = mapped_column(BigInteger)
    system: Mapped[dict[str, object] | None] = mapped_column(JSON)
    total: Mapped[int | None]
    rate: Mapped[int | None]


class CheckResult(Base):
    """How a check came out in an assessment, with its evidence; rows are only ever added."""

    __tablename__ = "compliance_results"

    assessment_id: Mapped[str] = mapped_column(ForeignKey("compliance_assessments.id"), primary_key=True)
    check_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    judgment: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str] = mapped_column(String(64))
    figures: Mapped[dict[str, object]] = mapped_column(JSON)
    evidence: Mapped[list[dict[str, object]]] = mapped_column(JSON)
    checked_ms: Mapped[UtcMilliseconds]


class ItemRecord(Base):
    """A judgment of an item in an assessment; the one of the highest ``id`` holds. Rows are only ever added.

    ``reason`` is a code, or the words of who decided. ``actor_id`` is unset where checks and attestations decided.
    """

    __tablename__ = "compliance_judgments"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    assessment_id: Mapped[str] = mapped_column(ForeignKey("compliance_assessments.id"))
    ref: Mapped[str] = mapped_column(String(32))
    judgment: Mapped[str] = mapped_column(String(16))
    source: Mapped[str] = mapped_column(String(32))
    reason: Mapped[str] = mapped_column(Text)
    checks: Mapped[list[str]] = mapped_column(JSON)
    attestation_id: Mapped[str | None] = mapped_column(String(32))
    actor_id: Mapped[str | None] = mapped_column(String(128))
    actor: Mapped[str | None] = mapped_column(String(255))
    at: Mapped[UtcMilliseconds]

    __table_args__ = (Index("ix_compliance_judgments_assessment_id", "assessment_id", "ref", "id"),)


class Attestation(Base):
    """What a person says of an item of a system, with the document that shows it; rows are only ever added.

    ``document_digest`` is the SM3 of the document in hexadecimal. The last one of an item counts, until its end.
    """

    __tablename__ = "compliance_attestations"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    system_id: Mapped[str] = mapped_column(ForeignKey("registry_systems.id"))
    ref: Mapped[str] = mapped_column(String(32))
    judgment: Mapped[str] = mapped_column(String(16))
    statement: Mapped[str] = mapped_column(Text)
    document: Mapped[str] = mapped_column(String(255))
    document_digest: Mapped[str] = mapped_column(String(64))
    attested_by_id: Mapped[str] = mapped_column(String(128))
    attested_by: Mapped[str] = mapped_column(String(255))
    attested_ms: Mapped[UtcMilliseconds]
    valid_until_ms: Mapped[UtcMilliseconds]

    __table_args__ = (Index("ix_compliance_attestations_system_id", "system_id", "ref", "attested_ms"),)


class Report(Queued):
    """A report over an assessment: ``snapshot`` is all that it is made of, ``digest`` the SM3 of its bytes.

    ``progress`` is in per cent.
    """

    __tablename__ = "compliance_reports"

    assessment_id: Mapped[str] = mapped_column(ForeignKey("compliance_assessments.id"), index=True)
    format: Mapped[str] = mapped_column(String(8))
    language: Mapped[str] = mapped_column(String(2))
    progress: Mapped[int]
    finished_ms: Mapped[int | None] = mapped_column(BigInteger)
    snapshot: Mapped[str] = mapped_column(Text)
    snapshot_digest: Mapped[str] = mapped_column(String(64))
    content: Mapped[bytes | None] = mapped_column(LargeBinary)
    digest: Mapped[str | None] = mapped_column(String(64))


for _table in (CheckResult, ItemRecord, Attestation):
    append_only(_table.__table__)
