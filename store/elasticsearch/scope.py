"""What one search or aggregation reaches: the indexes that its times touch, and its query translated for them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from events import format_timestamp
from store.elasticsearch.catalog import Catalog, Layout, Types
from store.elasticsearch.freshness import Unseen
from store.elasticsearch.rows import RowChecks
from store.elasticsearch.translate import Clause, Translator, any_of
from store.event_store import Window
from store.placement import Span, span_of
from store.query.tree import Query

_FIRST_MS, _LAST_MS = -62_135_596_800_000, 253_402_300_799_999  # the years 1 to 9999


@dataclass(frozen=True, slots=True)
class Scope:
    """Indexes and what is asked of them.

    Attributes:
        indexes: names or patterns; patterns may name more than is touched, which the query's times leave out.
        groups: the names of the touched indexes by what they were made with.
        span: the times that can be found.
        closed: names of touched indexes that someone has closed.
        checks: the fields that clauses made here ask for; a search is told them beside its query.
    """

    indexes: list[str]
    groups: list[tuple[Layout, list[str]]]
    span: Span
    closed: list[str] = field(default_factory=list)
    checks: RowChecks = field(default_factory=RowChecks)

    @property
    def names(self) -> list[str]:
        """The names of the touched indexes."""
        return [name for _layout, names in self.groups for name in names]

    @property
    def types(self) -> Types:
        """The typed fields of the newest indexes."""
        return self.groups[-1][0].types if self.groups else {}

    def clause(self, query: Query) -> Clause:
        """A query in Elasticsearch's form, for all of the indexes."""
        if len(self.groups) == 1:
            return self._translator(self.groups[0][0]).translate(query)
        return any_of(
            [
                {"bool": {"filter": [{"terms": {"_index": names}}, self._translator(layout).translate(query)]}}
                for layout, names in self.groups
            ]
        )

    def bounded(self, query: Query) -> Clause:
        """The same, of events within the span."""
        return {"bool": {"filter": [self.clause(query), *_times(self.span)]}}

    def _translator(self, layout: Layout) -> Translator:
        return Translator(layout.types, layout.unplaced, self.checks)


def scope_of(catalog: Catalog, unseen: Unseen, query: Query, window: Window) -> Scope:
    """The scope of a query within a window, with all that this process has written shown."""
    span = span_of(query, window)
    touched, closed = ([key for key in keys if span.touches(key)] for keys in catalog.open_and_closed())
    unseen.show(touched)
    groups = catalog.by_layout(touched)
    known = [key for _layout, keys in groups for key in keys]
    named = [(layout, [catalog.names.name(key) for key in keys]) for layout, keys in groups]
    shut = [catalog.names.name(key) for key in closed]
    return Scope(catalog.names.expression(known) if known else [], named, span, shut)


def _times(span: Span) -> list[dict[str, Any]]:
    bounds = {}
    if span.first_ms > _FIRST_MS:
        bounds["gte"] = format_timestamp(min(span.first_ms, _LAST_MS))
    if span.last_ms < _LAST_MS:
        bounds["lte"] = format_timestamp(max(span.last_ms, _FIRST_MS))
    if span.first_ms > _LAST_MS or span.last_ms < _FIRST_MS:
        return [{"match_none": {}}]
    return [{"range": {"@timestamp": bounds}}] if bounds else []
