"""The table of changes: what the registry said before and after, and its version."""

from __future__ import annotations

from sqlalchemy import JSON, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from audit import append_only
from store.records.database import Base, UtcMilliseconds


class RegistryChange(Base):
    """One change of one entry; rows are only ever added, and the highest ``id`` is the version of the registry.

    A change is written after its audit record: that makes writers wait for each other, so that ids appear in order and
    whoever has seen one has seen all below it. Telephone numbers and addresses of contacts are left out.
    """

    __tablename__ = "registry_changes"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    at: Mapped[UtcMilliseconds]
    kind: Mapped[str] = mapped_column(String(16))
    object_id: Mapped[str] = mapped_column(String(128))
    verb: Mapped[str] = mapped_column(String(32))
    actor: Mapped[str] = mapped_column(String(255))
    before: Mapped[dict[str, object] | None] = mapped_column(JSON)
    after: Mapped[dict[str, object] | None] = mapped_column(JSON)

    __table_args__ = (Index("ix_registry_changes_kind_object_id", "kind", "object_id", "id"),)


append_only(RegistryChange.__table__)
