"""What people do with data sources and scans, each within their units."""

from __future__ import annotations

from http import HTTPStatus

from api.access import signed_in
from api.caller import Caller
from api.dependencies import ApiDependencies
from api.problems import ProblemError
from api.scan_documents import (
    DataSourceDocument,
    DataSourceRequest,
    ScanDetail,
    ScanDocument,
    ScanPage,
    ScanRequest,
    scan_detail,
    scan_document,
    source_document,
)
from api.signing import decode_cursor, encode_cursor
from audit.authorship import ChangedBy
from classification.scans import (
    DataSourceRegister,
    NewDataSource,
    cancel,
    get_scan,
    get_source,
    list_scans,
    list_sources,
    resume,
    retire,
    scan_resources,
    start,
)
from classification.sources import sampling_of
from events import now_ms
from registry.repository.scoping import sees_unit

READ, SCAN = "classification:read", "classification:scan"


def read_sources(dependencies: ApiDependencies, caller: Caller, *, retired: bool) -> list[DataSourceDocument]:
    """The sources that the caller may see."""
    with dependencies.records.read() as session:
        rows = list_sources(session, signed_in(caller).unit_scope(READ), retired=retired)
        return [source_document(row) for row in rows]


def read_source(dependencies: ApiDependencies, source_id: str, caller: Caller) -> DataSourceDocument:
    """One source.

    Raises:
        DataSourceNotFoundError: there is none that the caller may see.
    """
    with dependencies.records.read() as session:
        return source_document(get_source(session, signed_in(caller).unit_scope(READ), source_id))


def register_source(dependencies: ApiDependencies, body: DataSourceRequest, caller: Caller) -> DataSourceDocument:
    """Keep a source, its credentials sealed.

    Raises:
        InvalidDataSourceError: it may not be scanned.
        ScanConflictError: its name is taken.
        ProblemError: it is to be of a unit that the caller does not speak for.
    """
    register = DataSourceRegister(dependencies.secrets_key, dependencies.scan_limits)
    wanted = NewDataSource(body.name, body.address, body.password, body.password_from, body.unit_id)
    scope = signed_in(caller).unit_scope(SCAN)
    with dependencies.records.begin() as session:
        if not scope.is_everything and not (body.unit_id and sees_unit(session, scope, body.unit_id)):
            raise ProblemError(HTTPStatus.FORBIDDEN, "unit_not_yours", "Name one of your units as the source's unit")
        return source_document(register.register(session, wanted, _by(caller)))


def retire_source(dependencies: ApiDependencies, source_id: str, caller: Caller) -> DataSourceDocument:
    """Scan a source no more."""
    with dependencies.records.begin() as session:
        return source_document(retire(session, signed_in(caller).unit_scope(SCAN), source_id, _by(caller)))


def read_scans(
    dependencies: ApiDependencies, source_id: str | None, limit: int, cursor: str | None, caller: Caller
) -> ScanPage:
    """One page of the scans that the caller may see, the newest first.

    Raises:
        ProblemError: the cursor belongs to another list.
    """
    key, purpose = dependencies.secret_key, f"scans:{source_id}"
    after = tuple(decode_cursor(key, purpose, cursor)) if cursor else None
    with dependencies.records.read() as session:
        rows = list_scans(session, signed_in(caller).unit_scope(READ), source_id, limit, after)
    more = len(rows) == limit
    following = encode_cursor(key, purpose, (rows[-1].created_ms, rows[-1].id)) if more else None
    return ScanPage(scans=[scan_document(row) for row in rows], next_cursor=following)


def read_scan(dependencies: ApiDependencies, scan_id: str, caller: Caller) -> ScanDetail:
    """One scan with its progress and everything that it looks at.

    Raises:
        ScanNotFoundError: there is none that the caller may see.
    """
    with dependencies.records.read() as session:
        row = get_scan(session, signed_in(caller).unit_scope(READ), scan_id)
        return scan_detail(row, scan_resources(session, row.id))


def start_scan(dependencies: ApiDependencies, body: ScanRequest, caller: Caller) -> ScanDocument:
    """Have a source scanned.

    Raises:
        DataSourceNotFoundError: there is none that the caller may scan.
        ScanConflictError: it is retired, or is being scanned.
    """
    scope, sampling = signed_in(caller).unit_scope(SCAN), sampling_of(body.sample, body.rows)
    with dependencies.records.begin() as session:
        return scan_document(start(session, scope, body.source_id, sampling, _by(caller)))


def cancel_scan(dependencies: ApiDependencies, scan_id: str, caller: Caller) -> ScanDocument:
    """End a scan after the portion that it reads now."""
    with dependencies.records.begin() as session:
        return scan_document(cancel(session, signed_in(caller).unit_scope(SCAN), scan_id, _by(caller)))


def resume_scan(dependencies: ApiDependencies, scan_id: str, caller: Caller) -> ScanDocument:
    """Go on with a scan where it ended."""
    with dependencies.records.begin() as session:
        return scan_document(resume(session, signed_in(caller).unit_scope(SCAN), scan_id, _by(caller)))


def _by(caller: Caller) -> ChangedBy:
    principal, origin = signed_in(caller), caller.origin
    return ChangedBy(principal.actor, now_ms(), origin.request_id, origin.source_address, principal.user_id)
