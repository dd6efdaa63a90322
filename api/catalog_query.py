"""The parameters that choose resources of the data catalog, and what stands beside each in a list."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from api.access import signed_in
from api.caller import Caller
from api.dependencies import ApiDependencies
from api.form_query import FormQuery
from api.registry_work import READ
from api.signing import decode_cursor, encode_cursor
from classification.review import last_looks
from registry.entries import ResourceEntry
from registry.registers import RESOURCES
from registry.repository.catalog import CatalogFilter, grades_present, providers
from registry.repository.listing import Paging, Search, list_entries
from registry.repository.names import unit_names

UNGRADED = "none"
_MAXIMUM_PAGE = 500
Text = Annotated[str, Field(max_length=255)]


@dataclass(frozen=True, slots=True)
class CatalogPage:
    """Some resources with the names of their providers and when each was last looked at (ms)."""

    resources: Sequence[ResourceEntry]
    units: Mapping[str, str]
    looked_at: Mapping[str, int]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class CatalogChoices:
    """What there is to choose from: the providing units by id, and the grades given."""

    units: Mapping[str, str]
    grades: frozenset[str | None]


class CatalogQuery(FormQuery):
    """Which resources: ``unit`` and those below it provide them; the grade ``none`` is not graded."""

    text: Text = ""
    unit: Text = ""
    grade: Text = ""
    category: Text = ""
    limit: int = Field(50, ge=1, le=_MAXIMUM_PAGE)
    cursor: Annotated[str, Field(max_length=1024)] | None = None

    def page(self, dependencies: ApiDependencies, caller: Caller) -> CatalogPage:
        """One page of the resources that the caller may see, by id.

        Raises:
            ProblemError: the cursor belongs to another list or filter.
        """
        key, purpose = dependencies.secret_key, self._purpose()
        after = str(decode_cursor(key, purpose, self.cursor)) if self.cursor else None
        scope = signed_in(caller).unit_scope(READ)
        with dependencies.records.read() as session:
            search = Search(self.text, also=self._filter().conditions())
            found = list_entries(session, RESOURCES, scope, search, Paging(self.limit + 1, after))
            shown = found[: self.limit]
            units = unit_names(session, {each.provider_id for each in shown})
            looks = last_looks(session, [each.id for each in shown])
        following = encode_cursor(key, purpose, shown[-1].id) if len(found) > self.limit else None
        return CatalogPage(shown, units, {name: row.scanned_ms for name, row in looks.items()}, following)

    def _filter(self) -> CatalogFilter:
        wanted = "" if self.grade == UNGRADED else self.grade or None
        return CatalogFilter(self.unit, wanted, self.category)

    def _purpose(self) -> str:
        """Binds a cursor to this filter."""
        choice = self.model_dump(mode="json", exclude={"cursor", "limit"})
        return "catalog:" + hashlib.sha256(json.dumps(choice, sort_keys=True).encode()).hexdigest()


def catalog_choices(dependencies: ApiDependencies, caller: Caller) -> CatalogChoices:
    """What the caller's part of the catalog may be narrowed by."""
    scope = signed_in(caller).unit_scope(READ)
    with dependencies.records.read() as session:
        return CatalogChoices(providers(session, scope), frozenset(grades_present(session, scope)))
