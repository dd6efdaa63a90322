"""Tables of the data catalog."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from store.records.database import Base, UtcMilliseconds


class ResourceRecord(Base):
    """A table, an API or a set of files.

    ``locator`` is what no other resource may have: the folded name of the table, or method and shape of the path.
    ``dedicated`` lists the only units that may use it. ``updated_ms`` is when its data was last updated.
    """

    __tablename__ = "registry_resources"

    id: Mapped[str] = mapped_column(String(128), primary_key=True)
    name: Mapped[str] = mapped_column(String(255))
    kind: Mapped[str] = mapped_column(String(16))
    provider_id: Mapped[str] = mapped_column(ForeignKey("registry_units.id"), index=True)
    system_id: Mapped[str | None] = mapped_column(ForeignKey("registry_systems.id"), index=True)
    database: Mapped[str] = mapped_column(String(128))
    schema: Mapped[str] = mapped_column(String(128))
    table: Mapped[str] = mapped_column(String(128))
    method: Mapped[str] = mapped_column(String(16))
    path: Mapped[str] = mapped_column(String(512))
    locator: Mapped[str | None] = mapped_column(String(640), unique=True)
    grade: Mapped[str | None] = mapped_column(String(32), index=True)
    categories: Mapped[list[str]] = mapped_column(JSON)
    sharing: Mapped[str] = mapped_column(String(16))
    opening: Mapped[str] = mapped_column(String(16))
    dedicated: Mapped[list[str]] = mapped_column(JSON)
    owner: Mapped[str] = mapped_column(String(255))
    description: Mapped[str] = mapped_column(Text)
    updated_ms: Mapped[int | None] = mapped_column(BigInteger)
    changed_ms: Mapped[UtcMilliseconds]


class ResourceField(Base):
    """A field of a resource; ``grade`` and ``categories`` are the confirmed ones."""

    __tablename__ = "registry_resource_fields"

    resource_id: Mapped[str] = mapped_column(ForeignKey("registry_resources.id"), primary_key=True)
    name: Mapped[str] = mapped_column(String(128), primary_key=True)
    position: Mapped[int]
    label: Mapped[str] = mapped_column(String(255))
    grade: Mapped[str | None] = mapped_column(String(32))
    categories: Mapped[list[str]] = mapped_column(JSON)


class ResourceParent(Base):
    """One resource is derived from another."""

    __tablename__ = "registry_resource_parents"

    resource_id: Mapped[str] = mapped_column(ForeignKey("registry_resources.id"), primary_key=True)
    parent_id: Mapped[str] = mapped_column(ForeignKey("registry_resources.id"), primary_key=True)

    __table_args__ = (Index("ix_registry_resource_parents_parent_id", "parent_id"),)
