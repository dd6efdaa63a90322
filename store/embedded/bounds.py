"""What an index can say of a query: events that match for certain, and events that may.

Where the two are the same the answer is exact; where not, what lies between is decided on the stored events.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import tantivy
from tantivy import Occur


@dataclass(frozen=True, slots=True)
class Bounds:
    """Every event of ``certain`` matches, no event outside ``possible`` does."""

    certain: tantivy.Query
    possible: tantivy.Query
    exact: bool

    @property
    def doubtful(self) -> tantivy.Query:
        """The events that have to be looked at."""
        return both(self.possible, negated(self.certain))


def exactly(query: tantivy.Query) -> Bounds:
    """The bounds of what the index answers by itself."""
    return Bounds(query, query, exact=True)


def at_most(query: tantivy.Query) -> Bounds:
    """The bounds of what the index knows only candidates for."""
    return Bounds(tantivy.Query.empty_query(), query, exact=False)


def all_of(parts: Sequence[Bounds]) -> Bounds:
    """The events that match every part."""
    return _combined(Occur.Must, parts)


def any_of(parts: Sequence[Bounds]) -> Bounds:
    """The events that match any part."""
    return _combined(Occur.Should, parts)


def none_of(part: Bounds) -> Bounds:
    """The events that don't match."""
    if part.exact:
        return exactly(negated(part.certain))
    return Bounds(negated(part.possible), negated(part.certain), exact=False)


def both(one: tantivy.Query, other: tantivy.Query) -> tantivy.Query:
    """The events that match both."""
    return tantivy.Query.boolean_query([(Occur.Must, one), (Occur.Must, other)])


def either(queries: Sequence[tantivy.Query]) -> tantivy.Query:
    """The events that match any."""
    if len(queries) == 1:
        return queries[0]
    return tantivy.Query.boolean_query([(Occur.Should, query) for query in queries])


def negated(query: tantivy.Query) -> tantivy.Query:
    """The events that don't match."""
    return tantivy.Query.boolean_query([(Occur.Must, tantivy.Query.all_query()), (Occur.MustNot, query)])


def _combined(occur: Occur, parts: Sequence[Bounds]) -> Bounds:
    if len(parts) == 1:
        return parts[0]
    certain = tantivy.Query.boolean_query([(occur, part.certain) for part in parts])
    if all(part.exact for part in parts):
        return exactly(certain)
    return Bounds(certain, tantivy.Query.boolean_query([(occur, part.possible) for part in parts]), exact=False)
