"""The register of what is scanned: its addresses are sealed, its passwords never shown."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import uuid4

from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

from audit.authorship import Change, ChangedBy, audit_change
from classification.scans.errors import InvalidDataSourceError, ScanConflictError
from classification.scans.locations import check_password_from, location_of, open_location
from classification.scans.models import DataSource
from classification.scans.repository import get_source, name_is_taken
from classification.source_limits import SourceLimits
from classification.sources import Sampling, Source, is_address
from registry.scope import UnitScope
from store.records.secrets import SecretBox, SecretError

_PURPOSE = "data sources"
_LONGEST_NAME = 255


@dataclass(frozen=True, slots=True)
class NewDataSource:
    """A source to be registered: a path, or a SQLAlchemy URL with its password inside, beside it, or elsewhere."""

    name: str
    address: str
    password: str | None = None
    password_from: str | None = None
    unit_id: str | None = None


class DataSourceRegister:
    """Registers sources and opens them; knows the key, which nothing else does."""

    def __init__(self, master_key: bytes, limits: SourceLimits) -> None:
        """Derive the key from at least 32 random bytes.

        Raises:
            ValueError: the master key is too short.
        """
        self._box = SecretBox(master_key, _PURPOSE)
        self._limits = limits

    def register(self, session: Session, wanted: NewDataSource, by: ChangedBy) -> DataSource:
        """Keep a source.

        Raises:
            InvalidDataSourceError: it has no name, or may not be scanned.
            ScanConflictError: another has this name.
        """
        name = wanted.name.strip()
        if not 0 < len(name) <= _LONGEST_NAME:
            message = f"A source has a name of 1 to {_LONGEST_NAME} characters"
            raise InvalidDataSourceError(message, "source_name")
        if name_is_taken(session, name):
            message = "Another source has this name; choose one that tells them apart"
            raise ScanConflictError(message, "source_name_taken")
        if wanted.password_from:
            check_password_from(wanted.password_from)
        location = location_of(wanted.address, self._limits)
        source_id = str(uuid4())
        row = DataSource(
            id=source_id,
            name=name,
            location=location,
            sealed_address=self._box.seal(_whole_address(wanted), _place(source_id)),
            password_from=wanted.password_from,
            unit_id=wanted.unit_id,
            created_ms=by.at_ms,
            created_by=by.actor.name,
        )
        session.add(row)
        session.flush()
        after = {"name": name, "location": location, "unit": wanted.unit_id, "password_from": wanted.password_from}
        audit_change(session, Change("data_source", "register", row.id, after=after), by)
        return row

    def open(self, row: DataSource, sampling: Sampling) -> Source:
        """The source itself; nothing is read yet.

        Raises:
            InvalidDataSourceError: it may no longer be scanned, or its password can't be had.
        """
        try:
            address = self._box.open(row.sealed_address, _place(row.id))
        except SecretError as error:
            message = "Its address was sealed with another key; register the source again"
            raise InvalidDataSourceError(message, "source_sealed_otherwise") from error
        return open_location(address, row.password_from, sampling, self._limits)


def retire(session: Session, scope: UnitScope, source_id: str, by: ChangedBy) -> DataSource:
    """Scan a source no more; what was found in it stays.

    Raises:
        DataSourceNotFoundError: there is none in the scope.
        ScanConflictError: it is retired already.
    """
    row = get_source(session, scope, source_id, lock=True)
    if row.retired_ms is not None:
        raise ScanConflictError("The source is retired already", "source_retired")
    row.retired_ms = by.at_ms
    audit_change(session, Change("data_source", "retire", row.id, after={"name": row.name}), by)
    return row


def _whole_address(wanted: NewDataSource) -> str:
    if wanted.password is None or not is_address(wanted.address):
        return wanted.address
    return make_url(wanted.address).set(password=wanted.password).render_as_string(hide_password=False)


def _place(source_id: str) -> str:
    return f"data_sources/{source_id}/sealed_address"
