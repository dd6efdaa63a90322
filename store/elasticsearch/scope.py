"""What one search or aggregation reaches: the indexes that its times touch, and its query translated for them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from events import format_timestamp
from store.elasticsearch.catalog import Catalog, Types
from store.elasticsearch.freshness import Unseen
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
        groups: the indexes by the typed fields that they were made with.
        span: the times that can be found.
        names: the names of the touched indexes, by group.
    """

    indexes: list[str]
    groups: list[tuple[Types, list[str]]]
    span: Span

    @property
    def types(self) -> Types:
        """The typed fields of the newest indexes."""
        return self.groups[-1][0] if self.groups else {}

    def clause(self, query: Query) -> Clause:
        """A query in Elasticsearch's form, for all of the indexes."""
        if len(self.groups) == 1:
            return Translator(self.groups[0][0]).translate(query)
        return any_of(
            [
                {"bool": {"filter": [{"terms": {"_index": names}}, Translator(types).translate(query)]}}
                for types, names in self.groups
            ]
        )

    def bounded(self, query: Query) -> Clause:
        """The same, of events within the span."""
        return {"bool": {"filter": [self.clause(query), *_times(self.span)]}}


def scope_of(catalog: Catalog, unseen: Unseen, query: Query, window: Window) -> Scope:
    """The scope of a query within a window, with all that this process has written shown."""
    span = span_of(query, window)
    touched = [key for key in catalog.held() if span.touches(key)]
    unseen.show(touched)
    groups = catalog.by_types(touched)
    known = [key for _types, keys in groups for key in keys]
    named = [(types, [catalog.names.name(key) for key in keys]) for types, keys in groups]
    return Scope(catalog.names.expression(known) if known else [], named, span)


def _times(span: Span) -> list[dict[str, Any]]:
    bounds = {}
    if span.first_ms > _FIRST_MS:
        bounds["gte"] = format_timestamp(min(span.first_ms, _LAST_MS))
    if span.last_ms < _LAST_MS:
        bounds["lte"] = format_timestamp(max(span.last_ms, _FIRST_MS))
    if span.first_ms > _LAST_MS or span.last_ms < _FIRST_MS:
        return [{"match_none": {}}]
    return [{"range": {"@timestamp": bounds}}] if bounds else []
