"""Resources in memory: by id, by the call or the table that flows name, and how far each may be shared."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from registry.index.entries import Resource
from registry.index.paths import PathTable
from registry.vocabulary import ResourceKind, Sharing

_TableKey = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class SharingLimit:
    """How far a resource may go: derived data never further than what it is derived from.

    Attributes:
        needs_grant: it or something that it is derived from is not shared without conditions.
        lists: of each resource in its lineage with a dedicated list or that is not shared at all: its id, whether it
            has a list, and the units that may use it (its provider among them).
    """

    needs_grant: bool
    lists: tuple[tuple[str, bool, frozenset[str]], ...]


class Catalog:
    """The resources."""

    def __init__(self, resources: Iterable[Resource]) -> None:
        """Index them."""
        self.resources: Mapping[str, Resource] = {each.id: each for each in resources}
        self._limits = {each.id: self._limit(each) for each in self.resources.values()}
        self._calls: PathTable[Resource] = PathTable()
        self._tables: dict[_TableKey, Resource | None] = {}
        for each in self.resources.values():
            if each.kind is ResourceKind.API and each.path:
                self._calls.add(each.method, each.path, each)
            elif each.kind is ResourceKind.TABLE and each.table:
                self._add_table(each)

    def limit(self, resource_id: str) -> SharingLimit:
        """How far a resource may be shared."""
        return self._limits[resource_id]

    def api(self, method: str, path: str) -> Resource | None:
        """The resource behind a call."""
        return self._calls.find(method, path)

    def table(self, database: str | None, schema: str | None, table: str) -> Resource | None:
        """The resource of a table, in any case of letters; what is not known (None) may be anything that is unique."""
        key = tuple((part or "").casefold() for part in (database, schema, table))
        return self._tables.get(key)  # type: ignore[arg-type]  # three parts in, three out

    def lineage(self, resource_id: str) -> list[Resource]:
        """A resource and everything that it is derived from, itself first."""
        found: dict[str, Resource] = {}
        waiting = [resource_id]
        while waiting:
            resource = self.resources.get(waiting.pop())
            if resource is not None and resource.id not in found:
                found[resource.id] = resource
                waiting.extend(resource.parents)
        return list(found.values())

    def _limit(self, resource: Resource) -> SharingLimit:
        lineage = self.lineage(resource.id)
        return SharingLimit(
            any(each.sharing is not Sharing.UNCONDITIONAL for each in lineage),
            tuple(
                (each.id, bool(each.dedicated), each.dedicated | {each.provider_id})
                for each in lineage
                if each.dedicated or each.sharing is Sharing.NONE
            ),
        )

    def _add_table(self, resource: Resource) -> None:
        """Under its full name, and under the shorter ones as long as only one table has them."""
        database, schema, table = (part.casefold() for part in (resource.database, resource.schema, resource.table))
        self._tables[database, schema, table] = resource
        for key in {(database, "", table), ("", schema, table), ("", "", table)} - {(database, schema, table)}:
            self._tables[key] = None if key in self._tables else resource
