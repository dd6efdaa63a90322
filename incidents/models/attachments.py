"""The table of attachments."""

from __future__ import annotations

from sqlalchemy import BigInteger, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from audit import append_only
from store.records.database import Base, UtcMilliseconds


class Attachment(Base):
    """A file given to an incident or a notice; rows are only ever added, the bytes lie in a folder by SHA-256."""

    __tablename__ = "incident_attachments"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    subject: Mapped[str] = mapped_column(String(16))
    subject_id: Mapped[str] = mapped_column(String(32))
    name: Mapped[str] = mapped_column(String(255))
    media_type: Mapped[str] = mapped_column(String(128))
    size: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    sm3: Mapped[str] = mapped_column(String(64))
    actor_id: Mapped[str] = mapped_column(String(128))
    actor: Mapped[str] = mapped_column(String(255))
    at: Mapped[UtcMilliseconds]

    __table_args__ = (Index("ix_incident_attachments_subject", "subject", "subject_id", "at"),)


append_only(Attachment.__table__)
