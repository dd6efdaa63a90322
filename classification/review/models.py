"""Tables of findings under review with their append-only history, and of the resources that were looked at."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from audit import append_only
from store.records.database import Base, UtcMilliseconds

FIELD_LENGTH = 128
NAME_LENGTH = 255


class FindingState(StrEnum):
    """Where a finding stands."""

    SUGGESTED = "suggested"
    CONFIRMED = "confirmed"
    REJECTED = "rejected"
    SUPERSEDED = "superseded"


class RejectReason(StrEnum):
    """Why a finding is not so: 误报、类别错误、范围过宽、语境不符."""

    FALSE_POSITIVE = "false_positive"
    WRONG_CATEGORY = "wrong_category"
    TOO_BROAD = "too_broad"
    CONTEXT = "context"


class Disagreement(StrEnum):
    """What a scan says against a decision that people made; the decision stands."""

    SEEN = "seen"  # rejected, and seen again with other evidence
    NOT_SEEN = "not_seen"  # confirmed, and not seen where a scan looked


class StepKind(StrEnum):
    """What was done to a finding."""

    SUGGEST = "suggest"
    PROPOSE = "propose"
    AMEND = "amend"
    CONFIRM = "confirm"
    REJECT = "reject"
    SUPERSEDE = "supersede"
    OBSERVE = "observe"


class Finding(Base):
    """One category in one field of one resource, with what people decided about it.

    ``resource_id`` is the registry's, or the scanned source's own where the resource is not registered; ``unit_id`` is
    then whose it is. ``evidence`` is what the decision rests on or, before one, the latest; ``latest`` is what a scan
    saw after a decision. Both hold counts, words and masked samples alone. ``proposed_by`` and ``decided_by`` name
    people by their accounts' ids, and the product as ``classification``. ``detector_version`` is the last that looked.
    ``in_force`` is a finding that the registry holds, with ``grade_in_force``: also while a change to it is reviewed.
    """

    __tablename__ = "classification_findings"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    resource_id: Mapped[str] = mapped_column(String(128))
    field: Mapped[str] = mapped_column(String(FIELD_LENGTH))
    category: Mapped[str] = mapped_column(String(64))
    resource_name: Mapped[str] = mapped_column(String(NAME_LENGTH))
    unit_id: Mapped[str | None] = mapped_column(String(64), index=True)
    state: Mapped[str] = mapped_column(String(16))
    scheme: Mapped[str] = mapped_column(String(64))
    grade: Mapped[str | None] = mapped_column(String(32))
    grade_rank: Mapped[int]
    evidence: Mapped[dict[str, object]] = mapped_column(JSON)
    latest: Mapped[dict[str, object] | None] = mapped_column(JSON)
    disagreement: Mapped[str | None] = mapped_column(String(16))
    detector_version: Mapped[str] = mapped_column(String(64))
    proposed_by: Mapped[str] = mapped_column(String(64))
    proposed_name: Mapped[str] = mapped_column(String(255))
    decided_by: Mapped[str | None] = mapped_column(String(64))
    decided_name: Mapped[str | None] = mapped_column(String(255))
    decided_ms: Mapped[UtcMilliseconds | None]
    reason: Mapped[str | None] = mapped_column(String(32))
    comment: Mapped[str | None] = mapped_column(Text)
    review_due_ms: Mapped[UtcMilliseconds | None] = mapped_column(index=True)
    in_force: Mapped[bool]
    grade_in_force: Mapped[str | None] = mapped_column(String(32))
    created_ms: Mapped[UtcMilliseconds]

    __table_args__ = (
        UniqueConstraint("resource_id", "field", "category"),
        Index("ix_classification_findings_state_grade_rank", "state", "grade_rank", "created_ms", "id"),
    )


class FindingStep(Base):
    """One step in a finding's life, with its state, category's grade and evidence at that moment."""

    __tablename__ = "classification_finding_steps"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    finding_id: Mapped[str] = mapped_column(
        ForeignKey("classification_findings.id", name="fk_classification_finding_steps_finding_id"), index=True
    )
    at: Mapped[UtcMilliseconds]
    kind: Mapped[str] = mapped_column(String(16))
    from_state: Mapped[str | None] = mapped_column(String(16))
    to_state: Mapped[str] = mapped_column(String(16))
    person_id: Mapped[str] = mapped_column(String(64))
    actor: Mapped[str] = mapped_column(String(255))
    grade: Mapped[str | None] = mapped_column(String(32))
    reason: Mapped[str | None] = mapped_column(String(32))
    comment: Mapped[str | None] = mapped_column(Text)
    detector_version: Mapped[str] = mapped_column(String(64))
    evidence: Mapped[dict[str, object]] = mapped_column(JSON)


class ClassifiedResource(Base):
    """A resource that was looked at: when, by which scan and detectors, and about how many subjects it is.

    ``published_grade`` is what review last wrote as its grade into the registry; another one there was set by people.
    """

    __tablename__ = "classified_resources"

    resource_id: Mapped[str] = mapped_column(String(128), primary_key=True)
    resource_name: Mapped[str] = mapped_column(String(NAME_LENGTH))
    unit_id: Mapped[str | None] = mapped_column(String(64), index=True)
    scan_id: Mapped[str] = mapped_column(String(64))
    scanned_ms: Mapped[UtcMilliseconds]
    detector_version: Mapped[str] = mapped_column(String(64))
    fields: Mapped[int]
    subjects: Mapped[int | None] = mapped_column(BigInteger)
    published_grade: Mapped[str | None] = mapped_column(String(32))


append_only(FindingStep.__table__)
