"""Translates a query tree into Elasticsearch's query form, matching exactly what ``evaluate`` says."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from events import FieldType, format_timestamp
from store.elasticsearch.columns import (
    ADDRESSES,
    AS_TEXT,
    NAMES,
    NUMBERS,
    PAIRS,
    TYPED,
    address_digits,
    number_digits,
    pair,
)
from store.elasticsearch.ranges import number_bounds, typed_range
from store.elasticsearch.rows import RowChecks
from store.errors import QueryError
from store.query.patterns import escape_regex, wildcard_tokens
from store.query.ranges import range_test
from store.query.tree import And, Cidr, Exists, MatchAll, Not, Or, Query, Range, Regex, Term, Wildcard
from store.query.values import MAX_WORD_BYTES, address_text, keyword, network_bounds, typed_form, words

Clause: TypeAlias = dict[str, Any]

EVERYTHING: Clause = {"match_all": {}}
NOTHING: Clause = {"match_none": {}}
_ALWAYS = ("event.id", "@timestamp")
_ID = "event.id"
_MOST_STATES = 1_000_000
_AFTER_TEXT = chr(ord(AS_TEXT) + 1)
_REGEX_QUOTE = re.compile(r'\\.|\[(?:\\.|[^\]])*\]|"', re.DOTALL)


class Translator:
    """Translates for indexes whose typed fields are ``types``."""

    def __init__(self, types: Mapping[str, FieldType], unplaced: frozenset[str], checks: RowChecks) -> None:
        """Translate for texts some of which are indexed without the places of their words; those need ``checks``."""
        self._types = types
        self._unplaced = unplaced
        self._checks = checks

    def translate(self, query: Query) -> Clause:  # noqa: C901, PLR0911 (one answer a kind)
        """The query in Elasticsearch's form.

        Raises:
            QueryError: the query can't be answered by its field's type.
        """
        match query:
            case MatchAll():
                return EVERYTHING
            case And():
                return {"bool": {"filter": [self.translate(part) for part in _flat(query, And)]}}
            case Or():
                return self._or(_flat(query, Or))
            case Not(part):
                return {"bool": {"must_not": [self.translate(part)]}}
            case Exists(field):
                return self._exists(field)
            case Term(field, text):
                return self._each(field, lambda name: self._term(name, text))
            case Wildcard(field, pattern):
                return self._each(field, lambda name: self._wildcard(name, pattern))
            case Regex(field, expression):
                return self._each(field, lambda name: self._regex(name, expression))
            case Range():
                return self._range(query)
            case Cidr(field, network):
                return self._network(field, network)

    def _each(self, field: str | None, make: Callable[[str], Clause]) -> Clause:
        """A query on a field, or on any text field where none is named."""
        if field is not None:
            return make(field)
        return any_of([make(name) for name, kind in self._types.items() if kind is FieldType.TEXT])

    def _or(self, parts: Sequence[Query]) -> Clause:
        """Any of some parts; terms of one column are asked for together."""
        values: dict[str, list[Any]] = defaultdict(list)
        clauses = []
        for part in parts:
            if isinstance(part, Term) and part.field and self._types.get(part.field) is not FieldType.TEXT:
                for column, value in self._terms(part.field, part.text):
                    values[column].append(value)
            else:
                clauses.append(self.translate(part))
        return any_of([*(_in_column(column, held) for column, held in values.items()), *clauses])

    def _exists(self, field: str) -> Clause:
        kind = self._types.get(field)
        if field in _ALWAYS:
            return EVERYTHING
        if kind is None or kind is FieldType.TEXT:
            return _in_column(NAMES, [field])
        present: Clause = {"exists": {"field": field}}
        return present if kind is FieldType.KEYWORD else any_of([present, _in_column(NAMES, [field])])

    def _term(self, field: str, text: str) -> Clause:
        if self._types.get(field) is FieldType.TEXT:
            return self._words(field, words(text))
        return any_of([_in_column(column, [value]) for column, value in self._terms(field, text)])

    def _words(self, field: str, wanted: list[str]) -> Clause:
        """Words in a row."""
        if not wanted or any(len(word.encode()) >= MAX_WORD_BYTES for word in wanted):
            return NOTHING
        if len(wanted) == 1:
            return {"term": {field: wanted[0]}}
        if field not in self._unplaced:
            return {"match_phrase": {field: {"query": " ".join(wanted), "analyzer": "whitespace"}}}
        held = [{"term": {field: word}} for word in dict.fromkeys(wanted)]
        return {"bool": {"filter": [*held, {"term": {self._checks.name(field, wanted): True}}]}}

    def _terms(self, field: str, text: str) -> Iterable[tuple[str, Any]]:
        """The columns that may hold a value, and how it stands there."""
        kind = self._types.get(field)
        if kind is FieldType.KEYWORD:
            yield "_id" if field == _ID else field, keyword(text)
            return
        yield PAIRS, pair(field, keyword(text))
        if kind is not None and (typed := typed_form(kind, text)) is not None:
            yield field, format_timestamp(int(typed)) if kind is FieldType.DATE else typed

    def _wildcard(self, field: str, pattern: str) -> Clause:
        form = _wildcard_form(pattern)
        return self._pattern(field, lambda column, prefix: _pattern("wildcard", column, _escaped(prefix) + form))

    def _regex(self, field: str, expression: str) -> Clause:
        form = _REGEX_QUOTE.sub(lambda found: '\\"' if found[0] == '"' else found[0], expression.lower())
        return self._pattern(
            field, lambda column, prefix: _pattern("regexp", column, f"{escape_regex(prefix)}({form})")
        )

    def _pattern(self, field: str, make: Callable[[str, str], Clause]) -> Clause:
        """A pattern over the values of a field, as text; ``make`` takes a column and what its terms begin with."""
        kind = self._types.get(field)
        if kind is FieldType.KEYWORD or kind is FieldType.TEXT:
            return make(field, "")
        prefixes = [pair(field, "")] if kind is None else [pair(field, ""), pair(field, "", TYPED)]
        return any_of([make(PAIRS, prefix) for prefix in prefixes])

    def _range(self, query: Range) -> Clause:
        kind = self._types.get(query.field)
        range_test(kind, query)  # refuses what has no order
        if kind is not None and kind is not FieldType.KEYWORD:
            return typed_range(kind, query)
        if query.lower is None and query.upper is None:
            return self._exists(query.field)
        if (numbers := number_bounds(query)) is not None:
            low, high = (None if bound is None else pair(query.field, number_digits(bound)) for bound in numbers)
            return _between(NUMBERS, query, (low, high), query.field)
        low, high = (None if bound is None else keyword(bound) for bound in (query.lower, query.upper))
        if kind is FieldType.KEYWORD:
            return _between(query.field, query, (low, high), None)
        terms = (None if bound is None else pair(query.field, bound) for bound in (low, high))
        return _between(PAIRS, query, tuple(terms), query.field)

    def _network(self, field: str, network: str) -> Clause:
        try:
            first, last = network_bounds(network)
        except ValueError as error:
            raise QueryError(f"{field}: '{network[:80]}' is no network; write 10.0.0.0/8 or fd00::/8") from error
        if self._types.get(field) is FieldType.IP:
            return {"range": {field: {"gte": address_text(first), "lte": address_text(last)}}}
        low, high = (pair(field, address_digits(number)) for number in (first, last))
        return {"range": {ADDRESSES: {"gte": low, "lte": high}}}


def any_of(clauses: Sequence[Clause]) -> Clause:
    """What matches any of some clauses."""
    if not clauses:
        return NOTHING
    return clauses[0] if len(clauses) == 1 else {"bool": {"should": list(clauses), "minimum_should_match": 1}}


def _flat(query: And | Or, kind: type[And | Or]) -> list[Query]:
    """The parts of a query, with those of parts of the same kind: Elasticsearch bounds how deep queries nest."""
    parts: list[Query] = []
    for part in query.parts:
        parts.extend(_flat(part, kind) if isinstance(part, And | Or) and isinstance(part, kind) else [part])
    return parts


def _in_column(column: str, values: list[Any]) -> Clause:
    return {"term": {column: values[0]}} if len(values) == 1 else {"terms": {column: values}}


def _pattern(kind: str, column: str, pattern: str) -> Clause:
    limits = {"flags": "NONE", "max_determinized_states": _MOST_STATES} if kind == "regexp" else {}
    return {kind: {column: {"value": pattern, **limits}}}


def _wildcard_form(pattern: str) -> str:
    return "".join(char if special else _escaped(char) for special, char in wildcard_tokens(pattern.lower()))


def _escaped(text: str) -> str:
    return re.sub(r"([*?\\])", r"\\\1", text)


def _between(column: str, query: Range, bounds: tuple[Any, ...], name: str | None) -> Clause:
    """Terms between two bounds; of terms that begin with a field's name, an open side ends with the name's last."""
    lower, upper = bounds
    limits: dict[str, Any] = {}
    if lower is not None:
        limits["gte" if query.include_lower else "gt"] = lower
    elif name is not None:
        limits["gte"] = f"{name}{AS_TEXT}"
    if upper is not None:
        limits["lte" if query.include_upper else "lt"] = upper
    elif name is not None:
        limits["lt"] = f"{name}{_AFTER_TEXT}"
    return {"range": {column: limits}}
