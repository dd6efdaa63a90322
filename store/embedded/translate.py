"""Translates a query tree into a query of one index that matches exactly what ``evaluate`` says."""

from __future__ import annotations

from typing import Any

import tantivy

from events import FieldType
from store.embedded.bounds import Bounds, all_of, any_of, at_most, both, either, exactly, none_of
from store.embedded.ids import any_number
from store.embedded.order import id_number
from store.embedded.pair_search import Candidates, PairSearch, Test
from store.embedded.pairs import PRESENT, field_term
from store.embedded.reader import OpenIndex
from store.embedded.regexes import regex_query
from store.embedded.schema import EVENT_ID, PAIRS, TIMESTAMP, WITH_PLACES
from store.errors import QueryError
from store.query.patterns import compiled_regex, plain_regex, wildcard_matches, wildcard_regex
from store.query.ranges import double_bounds, range_test, whole_bounds
from store.query.tree import And, Cidr, Exists, MatchAll, Not, Or, Query, Range, Regex, Term, Wildcard
from store.query.values import (
    MAX_WORD_BYTES,
    Typed,
    address_number,
    address_text,
    canonical_text,
    keyword,
    network_bounds,
    typed_form,
    words,
)

MAX_DISTINCT = 60_000
"""Distinct values of a typed column that a pattern may be tried on; the engine lists no more in one go."""

_ENGINE_TYPES = {
    FieldType.LONG: tantivy.FieldType.Integer,
    FieldType.DATE: tantivy.FieldType.Integer,
    FieldType.DOUBLE: tantivy.FieldType.Float,
    FieldType.IP: tantivy.FieldType.IpAddr,
}
_VALUED = (None, FieldType.KEYWORD)


class Translator:
    """Translates for one view of one index; ``incomplete`` says why an answer would miss events, None when not."""

    def __init__(self, index: OpenIndex, searcher: tantivy.Searcher) -> None:
        """Patterns and ranges over text look the values up in ``searcher``."""
        self._schema = index.schema
        self._types = index.types
        self._searcher = searcher
        self._pairs = PairSearch(index, searcher)
        self.incomplete: str | None = None

    def translate(self, query: Query) -> Bounds:  # noqa: PLR0911 (one answer a kind)
        """What this index can say of a query."""
        match query:
            case MatchAll():
                return exactly(tantivy.Query.all_query())
            case And(parts):
                return all_of([self.translate(part) for part in parts])
            case Or(parts):
                return any_of([self.translate(part) for part in parts])
            case Not(part):
                return none_of(self.translate(part))
            case Exists(field):
                return exactly(self._exists(field))
            case Range(field) | Cidr(field):
                return self._anything() if field == EVENT_ID else self._within(query)
            case Term(field) | Wildcard(field) | Regex(field):
                names = self._texts() if field is None else [field]
                return any_of([self._field(query, name) for name in names]) if names else _nothing()

    def range(self, field: str, first: int, last: int) -> tantivy.Query:
        """Whole numbers from first to last, both included, in a column of whole numbers."""
        return tantivy.Query.range_query(self._schema, field, tantivy.FieldType.Integer, first, last)

    def _texts(self) -> list[str]:
        return [name for name, kind in self._types.items() if kind is FieldType.TEXT]

    def _anything(self) -> Bounds:
        return at_most(tantivy.Query.all_query())

    def _exists(self, field: str) -> tantivy.Query:
        if field in (EVENT_ID, TIMESTAMP):
            return tantivy.Query.all_query()
        kind = self._types.get(field)
        if kind is FieldType.TEXT:
            return self._exact(PAIRS, field_term(field) + PRESENT)
        present = self._pairs.present(field)
        return present if kind in _VALUED else either([tantivy.Query.exists_query(field), present])

    def _field(self, query: Term | Wildcard | Regex, name: str) -> Bounds:
        """A term or a pattern on one field."""
        if name == EVENT_ID:
            if isinstance(query, Term) and keyword(query.text).isascii():
                return at_most(any_number(self._schema, [id_number(keyword(query.text))]))
            return self._anything()
        match query:
            case Term(_, text):
                return self._term(name, text)
            case Wildcard(_, pattern):
                return self._pattern(
                    name,
                    wildcard_regex(pattern),
                    lambda t: wildcard_matches(pattern, t),
                    lambda: self._pairs.wildcard_candidates(pattern),
                )
            case Regex(_, expression):
                matches = compiled_regex(expression).fullmatch
                return self._pattern(name, plain_regex(expression), lambda t: matches(t) is not None, lambda: None)

    def _term(self, field: str, text: str) -> Bounds:
        kind = self._types.get(field)
        if kind is FieldType.TEXT:
            return self._words(field, words(text))
        held = self._pairs.holding(field, keyword(text))
        if kind in _VALUED or kind is None or (typed := typed_form(kind, text)) is None:
            return exactly(held)
        return exactly(either([self._typed(field, kind, typed), held]))

    def _typed(self, field: str, kind: FieldType, typed: Typed) -> tantivy.Query:
        """The events whose typed field holds a value."""
        if kind is FieldType.BOOLEAN:
            return self._exact(field, bool(typed))
        return tantivy.Query.range_query(self._schema, field, _ENGINE_TYPES[kind], typed, typed)

    def _words(self, field: str, wanted: list[str]) -> Bounds:
        """Consecutive words of a text; without their places in the index, events that have them all may match."""
        if not wanted or any(len(word.encode()) >= MAX_WORD_BYTES for word in wanted):
            return _nothing()
        if len(wanted) > 1 and field in WITH_PLACES:
            return exactly(tantivy.Query.phrase_query(self._schema, field, list(wanted)))
        query = self._exact(field, wanted[0])
        for word in dict.fromkeys(wanted[1:]):
            query = both(query, self._exact(field, word))
        return exactly(query) if len(wanted) == 1 else at_most(query)

    def _exact(self, field: str, value: str | bool) -> tantivy.Query:  # noqa: FBT001 (a boolean column's value)
        return tantivy.Query.term_query(self._schema, field, value, index_option="basic")

    def _pattern(self, field: str, regex: str, test: Test, held: Candidates) -> Bounds:
        kind = self._types.get(field)
        if kind is FieldType.TEXT:
            return exactly(self._word_pattern(field, regex, test))
        values = self._pairs.matching(field, regex, test, held)
        if kind in _VALUED or kind is None:
            return values
        return any_of([exactly(self._typed_pattern(field, kind, test)), values])

    def _word_pattern(self, field: str, regex: str, test: Test) -> tantivy.Query:
        """Words that a pattern matches; tried one by one where it is too large for the engine."""
        if query := regex_query(self._schema, field, f"({regex})"):
            return query
        found = [word for word, _count in self._searcher.terms_with_prefix(field, "") if test(word)]
        return tantivy.Query.term_set_query(self._schema, field, found) if found else tantivy.Query.empty_query()

    def _typed_pattern(self, field: str, kind: FieldType, test: Test) -> tantivy.Query:
        """The values of a typed column whose text passes a test."""
        request = {"v": {"terms": {"field": field, "size": MAX_DISTINCT, "segment_size": MAX_DISTINCT}}}
        answer: dict[str, Any] = self._searcher.aggregate(tantivy.Query.all_query(), request)["v"]
        if answer["sum_other_doc_count"]:
            self.incomplete = f"{field} has more than {MAX_DISTINCT:,} values a day; use a range or a network instead"
        values = [_column_value(kind, bucket["key"]) for bucket in answer["buckets"]]
        matching = [value for value in values if test(canonical_text(kind, value))]
        return either([self._typed(field, kind, value) for value in matching] or [tantivy.Query.empty_query()])

    def _within(self, query: Range | Cidr) -> Bounds:
        return self._range(query) if isinstance(query, Range) else self._network(query.field, query.network)

    def _range(self, query: Range) -> Bounds:
        kind = self._types.get(query.field)
        test = range_test(kind, query)
        if kind in _VALUED or kind is None:
            return self._pairs.passing(query.field, test)
        if kind is FieldType.DOUBLE:
            return exactly(self._double_range(query))
        first, last = whole_bounds(kind, query)
        return exactly(self._whole_range(query.field, kind, first, last))

    def _double_range(self, query: Range) -> tantivy.Query:
        lower, upper = double_bounds(query)
        if lower is None and upper is None:
            return tantivy.Query.exists_query(query.field)
        return tantivy.Query.range_query(
            self._schema,
            query.field,
            tantivy.FieldType.Float,
            lower,
            upper,
            include_lower=lower is None or query.include_lower,
            include_upper=upper is None or query.include_upper,
        )

    def _whole_range(self, field: str, kind: FieldType, first: int, last: int) -> tantivy.Query:
        if first > last:
            return tantivy.Query.empty_query()
        bounds: tuple[Any, Any] = (first, last)
        if kind is FieldType.IP:
            bounds = (address_text(first), address_text(last))
        return tantivy.Query.range_query(self._schema, field, _ENGINE_TYPES[kind], *bounds)

    def _network(self, field: str, network: str) -> Bounds:
        try:
            first, last = network_bounds(network)
        except ValueError as error:
            raise QueryError(f"{field}: '{network[:80]}' is no network; write 10.0.0.0/8 or fd00::/8") from error
        kind = self._types.get(field)
        if kind is FieldType.IP:
            return exactly(self._whole_range(field, kind, first, last))
        return self._pairs.passing(field, lambda text: _inside(text, first, last))


def _nothing() -> Bounds:
    return exactly(tantivy.Query.empty_query())


def _inside(text: str, first: int, last: int) -> bool:
    address = typed_form(FieldType.IP, text)
    return address is not None and first <= address_number(str(address)) <= last


def _column_value(kind: FieldType, key: Any) -> Typed:  # noqa: ANN401 (the engine's own bucket key)
    """A bucket's key in the form of its field's values."""
    if kind is FieldType.BOOLEAN:
        return bool(key)
    if kind is FieldType.DOUBLE:
        return float(key)
    return str(key) if kind is FieldType.IP else int(key)
