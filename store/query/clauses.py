"""Single clauses of a query: what a value, a range or a pattern after a field's name means by the field's type."""

from __future__ import annotations

from events import FieldType, field_table, format_timestamp
from store.errors import QuerySyntaxError
from store.query.moments import span_of
from store.query.patterns import regex_problem
from store.query.scanner import Scanner, Word
from store.query.tree import Cidr, Exists, Query, Range, Regex, Term, Wildcard
from store.query.values import network_bounds, typed_form

_NUMBERS = (FieldType.LONG, FieldType.DOUBLE)


def clause(field: str | None, value: Word | tuple[str, int], now_ms: int) -> Query:
    """The clause of one value: a word, or a quoted text with its position."""
    if isinstance(value, tuple):
        return _term(field, value[0], value[1], now_ms)
    if field is not None and set(value.pattern) == {"*"}:
        return Exists(field)
    if value.has_wildcard:
        return Wildcard(field, value.pattern)
    if field is not None and "/" in value.text and _is_network(value.text):
        return Cidr(field, value.text)
    return _term(field, value.text, value.position, now_ms)


def exists(scanner: Scanner) -> Query:
    """The field named after ``_exists_:``."""
    return Exists(scanner.quoted() if scanner.peek() == '"' else scanner.word(in_value=True).text)


def match_regex(field: str | None, scanner: Scanner) -> Query:
    """An expression between slashes, if every engine reads it alike."""
    position = scanner.position
    expression = scanner.regex()
    if problem := regex_problem(expression):
        raise QuerySyntaxError(f"/{expression}/: {problem}", position, "regex_refused")
    return Regex(field, expression)


def range_clause(field: str | None, scanner: Scanner, now_ms: int) -> Query:
    """``[a TO b]`` or ``{a TO b}``, or one bracket of each."""
    position = scanner.position
    include_lower = scanner.take("[", "{") == "["
    lower = _bound(scanner)
    scanner.skip_spaces()
    if not scanner.take_keyword("TO"):
        raise scanner.error("a range is written [low TO high]; put TO between the bounds", "range_without_to")
    upper = _bound(scanner)
    scanner.skip_spaces()
    closing = scanner.take("]", "}")
    if closing is None:
        raise scanner.error("the range is not closed; add a ] or }", "range_open")
    return _range(field, Range("", lower, upper, include_lower, closing == "]"), position, now_ms)


def comparison(field: str | None, scanner: Scanner, now_ms: int) -> Query:
    """``>=x``, ``>x``, ``<=x`` or ``<x``."""
    position = scanner.position
    operator = scanner.take(">=", "<=", ">", "<") or ""
    bound = _bound(scanner)
    inclusive = operator.endswith("=")
    if operator.startswith(">"):
        return _range(field, Range("", bound, None, include_lower=inclusive), position, now_ms)
    return _range(field, Range("", None, bound, include_upper=inclusive), position, now_ms)


def _bound(scanner: Scanner) -> str | None:
    scanner.skip_spaces()
    if scanner.peek() == '"':
        return scanner.quoted()
    word = scanner.word(in_value=True)
    if word.has_wildcard and word.pattern != "*":
        raise QuerySyntaxError(
            "a bound can't hold wildcards; * alone is an open end", word.position, "bound_with_wildcard"
        )
    return None if word.has_wildcard else word.text


def _term(field: str | None, text: str, position: int, now_ms: int) -> Query:
    """A term; on a date field the span that the text means."""
    if field is None or field_table().type_of(field) is not FieldType.DATE:
        return Term(field, text)
    first, last = _span(text, position, now_ms)
    return Range(field, format_timestamp(first), format_timestamp(last))


def _range(field: str | None, bounds: Range, position: int, now_ms: int) -> Query:
    if field is None:
        message = "a range needs a field; write field:[low TO high] or field:>=low"
        raise QuerySyntaxError(message, position, "range_without_field")
    kind = field_table().type_of(field)
    if kind is FieldType.TEXT or kind is FieldType.BOOLEAN:
        message = f"{field} is a {kind} field and has no order; search for values instead"
        raise QuerySyntaxError(message, position, "field_without_order")
    if kind is FieldType.DATE:
        return _date_range(field, bounds, position, now_ms)
    for bound in (bounds.lower, bounds.upper):
        check = FieldType.DOUBLE if kind in _NUMBERS else kind
        if bound is not None and check in (FieldType.DOUBLE, FieldType.IP) and typed_form(check, bound) is None:
            message = f"{field} is a {kind} field and '{bound[:80]}' is none; correct the bound"
            raise QuerySyntaxError(message, position, "bound_of_wrong_type")
    return Range(field, bounds.lower, bounds.upper, bounds.include_lower, bounds.include_upper)


def _date_range(field: str, bounds: Range, position: int, now_ms: int) -> Query:
    """A range of dates with its bounds as moments: an excluded lower bound starts after the span it means."""
    lower = upper = None
    if bounds.lower is not None:
        lower = format_timestamp(_span(bounds.lower, position, now_ms)[0 if bounds.include_lower else 1])
    if bounds.upper is not None:
        upper = format_timestamp(_span(bounds.upper, position, now_ms)[1 if bounds.include_upper else 0])
    return Range(field, lower, upper, bounds.include_lower, bounds.include_upper)


def _span(text: str, position: int, now_ms: int) -> tuple[int, int]:
    try:
        first, last = span_of(text, now_ms)
        format_timestamp(first), format_timestamp(last)
    except (ValueError, OverflowError) as error:
        advice = "write a date as 2026-01-31, 2026-01-31T08:00:00Z or now-1d"
        raise QuerySyntaxError(f"'{text[:80]}' is no date; {advice}", position, "no_date") from error
    return first, last


def _is_network(text: str) -> bool:
    try:
        network_bounds(text)
    except ValueError:
        return False
    return True
