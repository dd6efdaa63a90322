"""Tables of data sources, and of scans with the resources that each looks at."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from store.records.database import Base, UtcMilliseconds


class ScanState(StrEnum):
    """Where a scan stands; only one that waits or runs is ever taken up by a worker."""

    QUEUED = "queued"
    RUNNING = "running"
    FINISHED = "finished"
    CANCELLED = "cancelled"
    FAILED = "failed"


class ResourceState(StrEnum):
    """Whether a resource has been looked at; a failed one was not read, or not to its end."""

    PENDING = "pending"
    DONE = "done"
    FAILED = "failed"


class DataSource(Base):
    """A folder or a database that is scanned.

    ``location`` is what people see of it, without credentials. ``sealed_address`` is the whole address, sealed for this
    row. ``password_from`` names where the password is read when the source is opened (``env:NAME``, ``file:NAME``).
    """

    __tablename__ = "data_sources"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    name: Mapped[str] = mapped_column(String(255))
    location: Mapped[str] = mapped_column(Text)
    sealed_address: Mapped[str] = mapped_column(Text)
    password_from: Mapped[str | None] = mapped_column(String(255))
    unit_id: Mapped[str | None] = mapped_column(String(64), index=True)
    created_ms: Mapped[UtcMilliseconds]
    created_by: Mapped[str] = mapped_column(String(255))
    retired_ms: Mapped[UtcMilliseconds | None]


class Scan(Base):
    """One look at a source.

    ``claim`` names the worker that runs it, until ``lease_ms`` or when it renews that. ``resources`` is unset until
    the source has been listed; ``rows_now`` counts the rows of the resource that is being read.
    """

    __tablename__ = "scans"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    source_id: Mapped[str] = mapped_column(ForeignKey("data_sources.id"), index=True)
    state: Mapped[str] = mapped_column(String(16), index=True)
    sampling: Mapped[dict[str, object]] = mapped_column(JSON)
    detector_version: Mapped[str] = mapped_column(String(64))
    requested_by: Mapped[str] = mapped_column(String(255))
    created_ms: Mapped[UtcMilliseconds] = mapped_column(index=True)
    started_ms: Mapped[UtcMilliseconds | None]
    finished_ms: Mapped[UtcMilliseconds | None]
    claim: Mapped[str | None] = mapped_column(String(36))
    lease_ms: Mapped[UtcMilliseconds | None]
    cancel_requested: Mapped[bool]
    resources: Mapped[int | None]
    resources_done: Mapped[int]
    resources_failed: Mapped[int]
    rows: Mapped[int] = mapped_column(BigInteger)
    rows_now: Mapped[int] = mapped_column(BigInteger)
    resource_now: Mapped[str | None] = mapped_column(Text)
    findings: Mapped[int]
    problem: Mapped[str | None] = mapped_column(Text)
    fault: Mapped[str | None] = mapped_column(String(32))


class ScanResource(Base):
    """A resource of a scan, in the order of looking; ``problems`` say what could not be read, ``faults`` name each."""

    __tablename__ = "scan_resources"

    scan_id: Mapped[str] = mapped_column(ForeignKey("scans.id"), primary_key=True)
    ordinal: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(16))
    resource_id: Mapped[str | None] = mapped_column(String(128))
    fields: Mapped[int]
    rows: Mapped[int] = mapped_column(BigInteger)
    findings: Mapped[int]
    problems: Mapped[list[str]] = mapped_column(JSON)
    faults: Mapped[list[str]] = mapped_column(JSON)
    finished_ms: Mapped[UtcMilliseconds | None]

    __table_args__ = (Index("ix_scan_resources_state", "scan_id", "state", "ordinal"),)
