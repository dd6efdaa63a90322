"""Tables of units and systems."""

from __future__ import annotations

from sqlalchemy import JSON, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from store.records.database import Base, UtcMilliseconds


class UnitRecord(Base):
    """A unit of the five-level tree; ``path`` holds the ids from the root down to itself, as in ``/gx/lanhu/gjj/``.

    ``contacts`` is a list of ``{"role", "name", "telephone", "email"}``.
    """

    __tablename__ = "registry_units"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str] = mapped_column(String(255), index=True)
    level: Mapped[str] = mapped_column(String(16))
    parent_id: Mapped[str | None] = mapped_column(ForeignKey("registry_units.id"), index=True)
    path: Mapped[str] = mapped_column(String(1024), index=True)
    contacts: Mapped[list[dict[str, str]]] = mapped_column(JSON)
    changed_ms: Mapped[UtcMilliseconds]


class SystemRecord(Base):
    """An information system with its 等保 grading (GB/T 22240) and the three accountable units."""

    __tablename__ = "registry_systems"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str] = mapped_column(String(255))
    operator_id: Mapped[str] = mapped_column(ForeignKey("registry_units.id"), index=True)
    owner_id: Mapped[str] = mapped_column(ForeignKey("registry_units.id"), index=True)
    supervisor_id: Mapped[str] = mapped_column(ForeignKey("registry_units.id"), index=True)
    level: Mapped[int | None]
    level_s: Mapped[int | None]
    level_a: Mapped[int | None]
    filing_number: Mapped[str] = mapped_column(String(64))
    is_critical: Mapped[bool]
    zone: Mapped[str] = mapped_column(String(32))
    description: Mapped[str] = mapped_column(Text)
    changed_ms: Mapped[UtcMilliseconds]


class SystemLogName(Base):
    """A name under which a system's logs show, case-folded; a name belongs to one system."""

    __tablename__ = "registry_system_log_names"

    name: Mapped[str] = mapped_column(String(128), primary_key=True)
    system_id: Mapped[str] = mapped_column(ForeignKey("registry_systems.id"), index=True)


class SystemAddress(Base):
    """A network (CIDR) of a system; a network belongs to one system."""

    __tablename__ = "registry_system_addresses"

    network: Mapped[str] = mapped_column(String(64), primary_key=True)
    system_id: Mapped[str] = mapped_column(ForeignKey("registry_systems.id"), index=True)
