"""All queries of sources and scans; whatever people ask for goes through the units that they may see."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Select, func, literal, or_, select, tuple_
from sqlalchemy.orm import Session

from classification.scans.errors import DataSourceNotFoundError, ScanNotFoundError
from classification.scans.models import DataSource, ResourceState, Scan, ScanResource, ScanState
from registry.repository.scoping import within
from registry.scope import UnitScope

Position = tuple[int, str]
"""Where a page of scans ended: creation (ms), id."""
UNDER_WAY = (ScanState.QUEUED.value, ScanState.RUNNING.value)


def list_sources(session: Session, scope: UnitScope, *, retired: bool = False) -> list[DataSource]:
    """The sources of a scope, by name; those that are scanned no more only when asked for."""
    statement = select(DataSource).where(_visible(scope)).order_by(DataSource.name, DataSource.id)
    return list(session.scalars(statement if retired else statement.where(DataSource.retired_ms.is_(None))))


def get_source(session: Session, scope: UnitScope, source_id: str, *, lock: bool = False) -> DataSource:
    """The source of an id.

    Raises:
        DataSourceNotFoundError: there is none, or none in the scope.
    """
    statement = select(DataSource).where(DataSource.id == source_id, _visible(scope))
    row = session.scalar(statement.with_for_update() if lock else statement)
    if row is None:
        raise DataSourceNotFoundError("There is no data source of this id that you may see; reload the list")
    return row


def name_is_taken(session: Session, name: str) -> bool:
    """Whether a source that is scanned has a name."""
    statement = select(DataSource.id).where(DataSource.name == name, DataSource.retired_ms.is_(None))
    return session.scalar(statement.limit(1)) is not None


def list_scans(
    session: Session, scope: UnitScope, source_id: str | None, limit: int, after: Position | None = None
) -> list[Scan]:
    """At most ``limit`` scans of a scope after a position, the newest first; of one source alone where it is named."""
    statement = _scans(scope).order_by(Scan.created_ms.desc(), Scan.id).limit(limit)
    if source_id is not None:
        statement = statement.where(Scan.source_id == source_id)
    if after is not None:
        created, scan_id = after
        statement = statement.where(tuple_(-Scan.created_ms, Scan.id) > tuple_(literal(-created), literal(scan_id)))
    return list(session.scalars(statement))


def get_scan(session: Session, scope: UnitScope, scan_id: str, *, lock: bool = False) -> Scan:
    """The scan of an id.

    Raises:
        ScanNotFoundError: there is none, or none in the scope.
    """
    statement = _scans(scope).where(Scan.id == scan_id)
    row = session.scalar(statement.with_for_update(of=Scan) if lock else statement)
    if row is None:
        raise ScanNotFoundError("There is no scan of this id that you may see; reload the list")
    return row


def scan_resources(session: Session, scan_id: str, states: Sequence[ResourceState] = ()) -> list[ScanResource]:
    """The resources of a scan in their order, in some states alone where any are named."""
    statement = select(ScanResource).where(ScanResource.scan_id == scan_id).order_by(ScanResource.ordinal)
    if states:
        statement = statement.where(ScanResource.state.in_([state.value for state in states]))
    return list(session.scalars(statement))


def is_under_way(session: Session, source_id: str) -> bool:
    """Whether a scan of a source waits or runs."""
    statement = select(Scan.id).where(Scan.source_id == source_id, Scan.state.in_(UNDER_WAY))
    return session.scalar(statement.limit(1)) is not None


def due_scan(session: Session, now_ms: int, *, lock: bool = False) -> Scan | None:
    """The oldest scan that nobody runs: one that waits, or whose worker has not been heard of."""
    statement = select(Scan).where(Scan.state.in_(UNDER_WAY), or_(Scan.lease_ms.is_(None), Scan.lease_ms < now_ms))
    statement = statement.order_by(Scan.created_ms, Scan.id).limit(1)
    return session.scalar(statement.with_for_update(skip_locked=True) if lock else statement)


def claimed_scan(session: Session, scan_id: str, claim: str) -> Scan | None:
    """The scan, locked, if this claim on it still holds."""
    return session.scalar(select(Scan).where(Scan.id == scan_id, Scan.claim == claim).with_for_update())


def outdated_sources(session: Session, detector_version: str) -> list[DataSource]:
    """The sources whose last finished scan was made by other detectors, and of which none waits or runs."""
    last = select(Scan.source_id, func.max(Scan.created_ms).label("created_ms"))
    last_scans = last.where(Scan.state == ScanState.FINISHED.value).group_by(Scan.source_id).subquery()
    statement = (
        select(DataSource)
        .join(last_scans, last_scans.c.source_id == DataSource.id)
        .join(Scan, (Scan.source_id == DataSource.id) & (Scan.created_ms == last_scans.c.created_ms))
        .where(Scan.detector_version != detector_version, DataSource.retired_ms.is_(None))
        .where(DataSource.id.not_in(select(Scan.source_id).where(Scan.state.in_(UNDER_WAY))))
    )
    return list(session.scalars(statement.distinct().order_by(DataSource.id)))


def _scans(scope: UnitScope) -> Select[Scan]:
    return select(Scan).join(DataSource, DataSource.id == Scan.source_id).where(_visible(scope))


def _visible(scope: UnitScope) -> ColumnElement[bool]:
    """A source of no unit is seen by those alone who see everything."""
    return within(scope, DataSource.unit_id)
