"""The table of files that were tried and may be taken."""

from __future__ import annotations

from sqlalchemy import LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from store.records.database import Base, UtcMilliseconds


class ImportTrialRecord(Base):
    """A file that somebody tried: kept until they take it, drop it or try another, or its time is over."""

    __tablename__ = "registry_import_trials"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    user_id: Mapped[str] = mapped_column(String(32), unique=True)
    kind: Mapped[str] = mapped_column(String(16))
    name: Mapped[str] = mapped_column(String(255))
    content: Mapped[bytes] = mapped_column(LargeBinary)
    created_ms: Mapped[UtcMilliseconds]
