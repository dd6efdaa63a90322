"""The index that follows the registry: what people change is seen by the next flow."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from sqlalchemy.orm import Session

from registry import change_log
from registry.index.catalog import Catalog
from registry.index.grant_loading import load_grants
from registry.index.grants import GrantTable
from registry.index.loading import load_catalog, load_consumers, load_organization
from registry.index.organization import Organization
from registry.index.snapshot import Consumers, RegistryIndex
from registry.policy import SharingPolicy, ZonePolicy, sharing_policy, zone_policy
from registry.vocabulary import EntryKind
from store.records import RecordsDatabase

_SINGLE_GRANTS = 20_000
"""Up to so many changed grants are taken over one by one; beyond that all are read anew."""


@dataclass(frozen=True, slots=True)
class _Changed:
    """The kinds of entries that changed since a version, and the grants; None for all of them."""

    kinds: frozenset[EntryKind]
    grant_ids: frozenset[str] | None


class LiveRegistry:
    """The present index. One thread refreshes, any may read ``current``, which is exchanged whole.

    A refresh asks for the version alone (one look at the end of a table) until something changed; then it reads the
    part that changed, and of the grants only those that did. Where very many changed at once (an import) that takes
    seconds: refresh in a thread beside the flows, which go on with the former index meanwhile.
    """

    def __init__(
        self, records: RecordsDatabase, zones: ZonePolicy | None = None, sharing: SharingPolicy | None = None
    ) -> None:
        """Load the registry; the policies are the shipped ones unless others are given."""
        self._records = records
        self._zones = zones or zone_policy()
        self._sharing = sharing or sharing_policy()
        self._lock = threading.Lock()
        with records.read() as session:
            version = change_log.present_version(session)
            parts = (load_organization(session, self._zones), load_catalog(session), load_consumers(session))
            grants = self._all_grants(session, parts[2])
        self._current = RegistryIndex(version, (*parts, grants), self._sharing)

    @property
    def current(self) -> RegistryIndex:
        """The index as of the last refresh."""
        return self._current

    def refresh(self) -> bool:
        """Take over what has changed; returns whether anything had."""
        with self._lock, self._records.read() as session:
            version = change_log.present_version(session)
            if version == self._current.version:
                return False
            changed = _changed_since(session, self._current.version)
            self._current = RegistryIndex(version, self._following(session, changed), self._sharing)
        return True

    def _following(self, session: Session, changed: _Changed) -> tuple[Organization, Catalog, Consumers, GrantTable]:
        before, kinds = self._current, changed.kinds
        organization, catalog, consumers, grants = before.organization, before.catalog, before.consumers, before.grants
        if kinds & {EntryKind.UNIT, EntryKind.SYSTEM}:
            organization = load_organization(session, self._zones)
        if EntryKind.RESOURCE in kinds:
            catalog = load_catalog(session)
        if kinds & {EntryKind.CONSUMER, EntryKind.ACCOUNT}:
            consumers = load_consumers(session)
        if changed.grant_ids is None:
            grants = self._all_grants(session, consumers)
        elif changed.grant_ids or consumers is not before.consumers:
            found = load_grants(session, changed.grant_ids)
            grants = grants.with_changes(found, consumers.consumers.values())
        return organization, catalog, consumers, grants

    def _all_grants(self, session: Session, consumers: Consumers) -> GrantTable:
        return GrantTable({each.id: each for each in load_grants(session)}, consumers.consumers.values())


def _changed_since(session: Session, version: int) -> _Changed:
    grants = change_log.changed_ids(session, EntryKind.GRANT, version, _SINGLE_GRANTS + 1)
    kinds = frozenset(EntryKind(kind) for kind in change_log.changed_kinds(session, version))
    return _Changed(kinds, frozenset(grants) if len(grants) <= _SINGLE_GRANTS else None)
