"""Translates a query tree into a query of one index that matches exactly what ``evaluate`` says."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import tantivy
from tantivy import Occur

from events import FieldType
from store.embedded.reader import OpenIndex
from store.embedded.schema import NAMES, PAIRS, column, pair
from store.errors import QueryError
from store.query.patterns import compiled_regex, escape_regex, plain_regex, wildcard_matches, wildcard_regex
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

_ALWAYS = ("event.id", "@timestamp")
_ENGINE_TYPES = {
    FieldType.LONG: tantivy.FieldType.Integer,
    FieldType.DATE: tantivy.FieldType.Integer,
    FieldType.DOUBLE: tantivy.FieldType.Float,
    FieldType.IP: tantivy.FieldType.IpAddr,
}


class Translator:
    """Translates for one view of one index; ``incomplete`` says why an answer would miss events, None when not."""

    def __init__(self, index: OpenIndex, searcher: tantivy.Searcher) -> None:
        """Patterns and ranges over text look the values up in ``searcher``."""
        self._schema = index.schema
        self._types = index.types
        self._searcher = searcher
        self.incomplete: str | None = None

    def translate(self, query: Query) -> tantivy.Query:  # noqa: C901, PLR0911 (one answer a kind)
        """The query of this index."""
        match query:
            case MatchAll():
                return tantivy.Query.all_query()
            case And(parts):
                return self._joined(Occur.Must, parts)
            case Or(parts):
                return self._joined(Occur.Should, parts)
            case Not(part):
                return tantivy.Query.boolean_query(
                    [(Occur.Must, tantivy.Query.all_query()), (Occur.MustNot, self.translate(part))]
                )
            case Exists(field):
                return self._exists(field)
            case Term(field, text):
                return self._each(field, lambda name: self._term(name, text))
            case Wildcard(field, pattern):
                regex = wildcard_regex(pattern)
                return self._each(
                    field, lambda name: self._pattern(name, regex, lambda t: wildcard_matches(pattern, t))
                )
            case Regex(field, expression):
                compiled = compiled_regex(expression)
                regex = plain_regex(expression)
                return self._each(
                    field, lambda name: self._pattern(name, f"({regex})", lambda t: compiled.fullmatch(t) is not None)
                )
            case Range():
                return self._range(query)
            case Cidr(field, network):
                return self._network(field, network)

    def range(self, field: str, first: int, last: int) -> tantivy.Query:
        """Whole numbers from first to last, both included, in a column of whole numbers."""
        return tantivy.Query.range_query(self._schema, field, tantivy.FieldType.Integer, first, last)

    def _joined(self, occur: Occur, parts: Sequence[Query]) -> tantivy.Query:
        return tantivy.Query.boolean_query([(occur, self.translate(part)) for part in parts])

    def _each(self, field: str | None, make: Callable[[str], tantivy.Query]) -> tantivy.Query:
        """A query on a field, or on any text field where none is named."""
        if field is not None:
            return make(field)
        texts = [name for name, kind in self._types.items() if kind is FieldType.TEXT]
        return _any_of([make(name) for name in texts])

    def _exists(self, field: str) -> tantivy.Query:
        if field in _ALWAYS:
            return tantivy.Query.all_query()
        if (kind := self._types.get(field)) is FieldType.TEXT:
            return self._exact(NAMES, field)
        present = tantivy.Query.exists_query(column(self._types, field))
        if kind in (None, FieldType.KEYWORD):
            return present
        return _any_of([present, self._exact(NAMES, field)])

    def _term(self, field: str, text: str) -> tantivy.Query:
        kind = self._types.get(field)
        if kind is FieldType.TEXT:
            return self._words(field, words(text))
        if kind is FieldType.KEYWORD:
            return self._exact(field, keyword(text))
        misfit = self._exact(PAIRS, pair(field, keyword(text)))
        if kind is None or (typed := typed_form(kind, text)) is None:
            return misfit
        return _any_of([self._typed(field, kind, typed), misfit])

    def _typed(self, field: str, kind: FieldType, typed: Typed) -> tantivy.Query:
        """The events whose typed field holds a value."""
        if kind is FieldType.BOOLEAN:
            return self._exact(field, bool(typed))
        return tantivy.Query.range_query(self._schema, field, _ENGINE_TYPES[kind], typed, typed)

    def _words(self, field: str, wanted: list[str]) -> tantivy.Query:
        if not wanted or any(len(word.encode()) >= MAX_WORD_BYTES for word in wanted):
            return tantivy.Query.empty_query()
        if len(wanted) == 1:
            return self._exact(field, wanted[0])
        return tantivy.Query.phrase_query(self._schema, field, list(wanted))

    def _exact(self, field: str, value: str | bool) -> tantivy.Query:  # noqa: FBT001 (a boolean column's value)
        return tantivy.Query.term_query(self._schema, field, value, index_option="basic")

    def _pattern(self, field: str, regex: str, test: Callable[[str], bool]) -> tantivy.Query:
        kind = self._types.get(field)
        if kind in (FieldType.KEYWORD, FieldType.TEXT):
            return self._regex(field, "", regex, test)
        misfits = self._regex(PAIRS, pair(field, ""), regex, test)
        if kind is None:
            return misfits
        return _any_of([self._typed_pattern(field, kind, test), misfits])

    def _regex(self, column: str, prefix: str, regex: str, test: Callable[[str], bool]) -> tantivy.Query:
        """Terms that begin with a prefix and go on as a pattern says; tried one by one where it is too large."""
        try:
            return tantivy.Query.regex_query(self._schema, column, escape_regex(prefix) + regex)
        except ValueError:
            return self._terms(column, prefix, test)

    def _terms(self, column: str, prefix: str, test: Callable[[str], bool]) -> tantivy.Query:
        """Terms that begin with a prefix and whose rest passes a test."""
        held = (term for term, _count in self._searcher.terms_with_prefix(column, prefix))
        return self._any_value(column, [term for term in held if test(term[len(prefix) :])])

    def _typed_pattern(self, field: str, kind: FieldType, test: Callable[[str], bool]) -> tantivy.Query:
        """The values of a typed column whose text passes a test."""
        request = {"v": {"terms": {"field": field, "size": MAX_DISTINCT, "segment_size": MAX_DISTINCT}}}
        answer: dict[str, Any] = self._searcher.aggregate(tantivy.Query.all_query(), request)["v"]
        if answer["sum_other_doc_count"]:
            self.incomplete = f"{field} has more than {MAX_DISTINCT:,} values a day; use a range or a network instead"
        values = [_column_value(kind, bucket["key"]) for bucket in answer["buckets"]]
        matching = [value for value in values if test(canonical_text(kind, value))]
        return _any_of([self._typed(field, kind, value) for value in matching])

    def _any_value(self, column: str, values: Iterable[str]) -> tantivy.Query:
        if not (found := list(values)):
            return tantivy.Query.empty_query()
        return tantivy.Query.term_set_query(self._schema, column, found)

    def _range(self, query: Range) -> tantivy.Query:
        kind = self._types.get(query.field)
        test = range_test(kind, query)
        if kind is None:
            return self._terms(PAIRS, pair(query.field, ""), test)
        if kind is FieldType.KEYWORD:
            return self._terms(query.field, "", test)
        if kind is FieldType.DOUBLE:
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
        first, last = whole_bounds(kind, query)
        return self._whole_range(query.field, kind, first, last)

    def _whole_range(self, field: str, kind: FieldType, first: int, last: int) -> tantivy.Query:
        if first > last:
            return tantivy.Query.empty_query()
        bounds: tuple[Any, Any] = (first, last)
        if kind is FieldType.IP:
            bounds = (address_text(first), address_text(last))
        return tantivy.Query.range_query(self._schema, field, _ENGINE_TYPES[kind], *bounds)

    def _network(self, field: str, network: str) -> tantivy.Query:
        try:
            first, last = network_bounds(network)
        except ValueError as error:
            raise QueryError(f"{field}: '{network[:80]}' is no network; write 10.0.0.0/8 or fd00::/8") from error
        kind = self._types.get(field)
        if kind is FieldType.IP:
            return self._whole_range(field, kind, first, last)
        if kind is FieldType.KEYWORD:
            return self._terms(field, "", lambda text: _inside(text, first, last))
        return self._terms(PAIRS, pair(field, ""), lambda text: _inside(text, first, last))


def _inside(text: str, first: int, last: int) -> bool:
    address = typed_form(FieldType.IP, text)
    return address is not None and first <= address_number(str(address)) <= last


def _any_of(queries: Sequence[tantivy.Query]) -> tantivy.Query:
    return (
        queries[0] if len(queries) == 1 else tantivy.Query.boolean_query([(Occur.Should, query) for query in queries])
    )


def _column_value(kind: FieldType, key: Any) -> Typed:  # noqa: ANN401 (the engine's own bucket key)
    """A bucket's key in the form of its field's values."""
    if kind is FieldType.BOOLEAN:
        return bool(key)
    if kind is FieldType.DOUBLE:
        return float(key)
    return str(key) if kind is FieldType.IP else int(key)
