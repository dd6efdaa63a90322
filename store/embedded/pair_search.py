"""Queries over the terms of fields and values: of keywords, of fields without a type, of values unlike their type."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import tantivy

from store.embedded.bounds import Bounds, any_of, at_most, both, either, exactly
from store.embedded.long_values import LONG_VALUES
from store.embedded.pairs import DIGEST, VALUE, field_term, over_terms, pair, value_of
from store.embedded.reader import OpenIndex
from store.embedded.regexes import regex_query
from store.embedded.schema import LONG, PAIRS
from store.query.patterns import ANY, escape_regex, wildcard_tokens
from store.query.values import words

Test = Callable[[str], bool]
Candidates = Callable[[], tantivy.Query | None]

FEW = 300
"""Long values that are read to decide a pattern: of all events, else of those that have the pattern's words."""
_MOST_LISTED = 20_000
"""Events with a long value of a field of which the digests are listed."""


def _none_known() -> None:
    """No candidates."""


class PairSearch:
    """Queries of one index as a searcher sees it."""

    def __init__(self, index: OpenIndex, searcher: tantivy.Searcher) -> None:
        """Values are looked up in ``searcher`` where a pattern needs it."""
        self._index = index
        self._schema = index.schema
        self._searcher = searcher

    def holding(self, field: str, lowered: str) -> tantivy.Query:
        """The events whose field holds a value, given in lower case."""
        return self._exact(pair(field, lowered))

    def present(self, field: str) -> tantivy.Query:
        """The events whose field holds any value here."""
        prefix = field_term(field) + VALUE
        any_value = f"{escape_regex(prefix)}{ANY}*"
        parts = [regex_query(self._schema, PAIRS, any_value) or self._listed(prefix, lambda _value: True)]
        if self._has_digests(field):
            parts.append(self._exact(field_term(field) + DIGEST))
        return either(parts)

    def matching(self, field: str, regex: str, test: Test, candidates: Candidates = _none_known) -> Bounds:
        """The events with a value that an expression matches.

        Args:
            field: the field.
            regex: the expression, over lower case.
            test: the same as a test.
            candidates: tells the events outside of which no long value matches, None where that isn't known.
        """
        prefix = field_term(field) + VALUE
        verbatim = self._by_regex(prefix, regex) or self._listed(prefix, test)
        return self._with_long(field, verbatim, test, candidates)

    def passing(self, field: str, test: Test) -> Bounds:
        """The events with a value that passes a test."""
        return self._with_long(field, self._listed(field_term(field) + VALUE, test), test, _none_known)

    def wildcard_candidates(self, pattern: str) -> tantivy.Query | None:
        """The events with all words that a value matching a pattern must hold."""
        wanted = [self._word(word, before, after) for word, before, after in _words_of(pattern)]
        found = [query for query in wanted if query is not None]
        if not found:
            return None
        query = found[0]
        for other in found[1:]:
            query = both(query, other)
        return query

    def _with_long(self, field: str, verbatim: tantivy.Query, test: Test, candidates: Candidates) -> Bounds:
        """Add the events whose value of the field is no term itself: where those are many, they are to be looked at."""
        if not self._has_digests(field):
            return exactly(verbatim)
        within = None
        found = self._long_matching(field, test, None)
        if found is None and (within := candidates()) is not None:
            found = self._long_matching(field, test, within)
        if found is not None:
            return exactly(either([verbatim, self._any_of(found)]) if found else verbatim)
        long = self._exact(field_term(field) + DIGEST)
        return any_of([exactly(verbatim), at_most(long if within is None else both(long, within))])

    def _long_matching(self, field: str, test: Test, within: tantivy.Query | None) -> list[str] | None:
        """The digests of long values that pass a test, among some events or all; None where that is much to read."""
        marker = field_term(field) + DIGEST
        if within is None and self._searcher.doc_freq(PAIRS, marker) > _MOST_LISTED:
            return None
        listed = self._searcher.terms_with_prefix(PAIRS, marker, filter_query=within)
        terms = [term for term, _count in listed if term != marker]
        if LONG_VALUES.unknown(terms) > FEW:
            return None
        values = ((term, LONG_VALUES.behind(self._index, self._searcher, field, term)) for term in terms)
        return [term for term, value in values if value is not None and test(value)]

    def _has_digests(self, field: str) -> bool:
        return bool(self._searcher.doc_freq(PAIRS, field_term(field) + DIGEST))

    def _by_regex(self, prefix: str, regex: str) -> tantivy.Query | None:
        """The terms with a prefix whose value an expression matches; None where the engine can't take it."""
        if (expression := over_terms(regex)) is None:
            return None
        return regex_query(self._schema, PAIRS, f"{escape_regex(prefix)}({expression})")

    def _listed(self, prefix: str, test: Test) -> tantivy.Query:
        """The terms with a prefix whose value passes a test."""
        listed: Iterable[tuple[str, int]] = self._searcher.terms_with_prefix(PAIRS, prefix)
        return self._any_of([term for term, _count in listed if test(value_of(term, prefix))])

    def _any_of(self, terms: list[str]) -> tantivy.Query:
        return tantivy.Query.term_set_query(self._schema, PAIRS, terms) if terms else tantivy.Query.empty_query()

    def _word(self, word: str, before: str, after: str) -> tantivy.Query | None:
        if not before and not after:
            return tantivy.Query.term_query(self._schema, LONG, word, index_option="basic")
        return regex_query(self._schema, LONG, f"{before}{escape_regex(word)}{after}")

    def _exact(self, term: str) -> tantivy.Query:
        return tantivy.Query.term_query(self._schema, PAIRS, term, index_option="basic")


def _words_of(pattern: str) -> list[tuple[str, str, str]]:
    """The words of a pattern, each with what may stand before and after it in a longer word."""
    found = []
    pieces = [""]
    for special, char in wildcard_tokens(pattern.lower()):
        if special:
            pieces.append("")
        else:
            pieces[-1] += char
    for place, piece in enumerate(pieces):
        parts = words(piece)
        for number, word in enumerate(parts):
            first, last = number == 0 and place > 0, number == len(parts) - 1 and place < len(pieces) - 1
            before = f"{ANY}*" if first and piece.startswith(word) and _grows(word) else ""
            after = f"{ANY}*" if last and piece.endswith(word) and _grows(word) else ""
            found.append((word, before, after))
    return found


def _grows(word: str) -> bool:
    """Whether letters beside a word become part of it; not beside a Chinese, Japanese or Korean character."""
    return words(f"{word}a") == [f"{word}a"]
