"""The table of the trail."""

from __future__ import annotations

from sqlalchemy import BigInteger, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from audit.triggers import append_only
from store.records import Base, UtcMilliseconds

SequenceNumber = BigInteger().with_variant(Integer, "sqlite")


class AuditRecord(Base):
    """One recorded action. Rows are only ever added; ``sequence`` has no gaps.

    ``before`` and ``after`` are canonical JSON texts. ``digest`` is the SM3 digest of the record's canonical form,
    which holds the previous record's digest, in hexadecimal.
    """

    __tablename__ = "audit_records"
    __table_args__ = (
        Index("ix_audit_records_actor_id_sequence", "actor_id", "sequence"),
        Index("ix_audit_records_object_kind_object_id_sequence", "object_kind", "object_id", "sequence"),
    )

    sequence: Mapped[int] = mapped_column(SequenceNumber, primary_key=True, autoincrement=False)
    time_ms: Mapped[UtcMilliseconds]
    actor_kind: Mapped[str] = mapped_column(String(16))
    actor_id: Mapped[str] = mapped_column(String(64))
    actor_name: Mapped[str] = mapped_column(String(256))
    action: Mapped[str] = mapped_column(String(64))
    object_kind: Mapped[str] = mapped_column(String(64))
    object_id: Mapped[str] = mapped_column(String(256))
    outcome: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str | None] = mapped_column(Text)
    before: Mapped[str | None] = mapped_column(Text)
    after: Mapped[str | None] = mapped_column(Text)
    request_id: Mapped[str | None] = mapped_column(String(64))
    source_address: Mapped[str | None] = mapped_column(String(64))
    previous_digest: Mapped[str] = mapped_column(String(64))
    digest: Mapped[str] = mapped_column(String(64))


append_only(AuditRecord.__table__)
