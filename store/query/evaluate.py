"""What a query means: whether an event matches a tree. Every engine answers exactly as this does.

- *Keyword and untyped fields*: a whole value, ignoring case; of a list, any value.
- *Text fields*: consecutive words (`values.words`); a pattern is over one word.
- *Typed fields*: by the typed value; a value that doesn't fit its field's type is matched as text, and is in no range.
- A range on a keyword or untyped field compares numbers when both bounds given are numbers, else text by code point.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from events import Event, FieldTable, FieldType, field_table, values_of
from store.errors import QueryError
from store.query.patterns import compiled_regex, wildcard_matches
from store.query.ranges import RangeTest, range_test
from store.query.tree import And, Cidr, Exists, MatchAll, Not, Or, Query, Range, Regex, Term, Wildcard
from store.query.values import (
    MAX_WORD_BYTES,
    Typed,
    address_number,
    canonical_text,
    keyword,
    keyword_form,
    network_bounds,
    text_form,
    typed_form,
    words,
)

_VALUED = (FieldType.KEYWORD, FieldType.TEXT, None)


def evaluate(query: Query, event: Event, table: FieldTable | None = None) -> bool:  # noqa: C901, PLR0911 (one answer a kind)
    """Whether an event matches a query, by the field types of ``table`` (the product's own where not given)."""
    table = table or field_table()
    match query:
        case MatchAll():
            return True
        case And(parts):
            return all(evaluate(part, event, table) for part in parts)
        case Or(parts):
            return any(evaluate(part, event, table) for part in parts)
        case Not(part):
            return not evaluate(part, event, table)
        case Exists(field):
            return any(value is not None for value in values_of(event.get(field)))
        case Term(field, text):
            return _any_field(field, event, table, lambda kind, name: _has_term(event, name, kind, text))
        case Wildcard(field, pattern):
            return _any_field(
                field,
                event,
                table,
                lambda kind, name: _any_text(event, name, kind, lambda t: wildcard_matches(pattern, t)),
            )
        case Regex(field, expression):
            matches = compiled_regex(expression).fullmatch
            return _any_field(
                field, event, table, lambda kind, name: _any_text(event, name, kind, lambda t: matches(t) is not None)
            )
        case Range(field):
            return _in_range(event, table.type_of(field), query)
        case Cidr(field, network):
            return _in_network(event, field, network)


def _any_field(
    field: str | None, event: Event, table: FieldTable, test: Callable[[FieldType | None, str], bool]
) -> bool:
    if field is not None:
        return test(table.type_of(field), field)
    return any(kind is FieldType.TEXT and name in event and test(kind, name) for name, kind in table.types.items())


def _has_term(event: Event, field: str, kind: FieldType | None, text: str) -> bool:
    if kind is FieldType.TEXT:
        return _has_words(event, field, words(text))
    wanted = keyword(text)
    if kind in _VALUED:
        return any(keyword_form(value) == wanted for value in values_of(event.get(field)))
    assert kind is not None  # noqa: S101 (for the type checker: None is in _VALUED)
    fitting, misfits = split(event, field, kind)
    return typed_form(kind, text) in fitting or wanted in misfits


def split(event: Event, field: str, kind: FieldType) -> tuple[list[Typed | None], list[str]]:
    """The values of a typed field that fit its type, and the keyword forms of those that don't."""
    fitting: list[Typed | None] = []
    misfits: list[str] = []
    for value in values_of(event.get(field)):
        typed = typed_form(kind, value)
        if typed is not None:
            fitting.append(typed)
        elif (text := keyword_form(value)) is not None:
            misfits.append(text)
    return fitting, misfits


def _texts(event: Event, field: str, kind: FieldType | None) -> Iterable[str]:
    """The texts of a field that patterns are matched against, in lower case."""
    for value in values_of(event.get(field)):
        if value is None:
            continue
        if kind is FieldType.TEXT:
            yield from (word for word in words(text_form(value) or "") if len(word.encode()) < MAX_WORD_BYTES)
        elif kind in _VALUED or kind is None or (typed := typed_form(kind, value)) is None:
            yield keyword_form(value) or ""
        else:
            yield canonical_text(kind, typed)


def _any_text(event: Event, field: str, kind: FieldType | None, test: Callable[[str], bool]) -> bool:
    return any(test(text) for text in _texts(event, field, kind))


def _has_words(event: Event, field: str, wanted: list[str]) -> bool:
    if not wanted or any(len(word.encode()) >= MAX_WORD_BYTES for word in wanted):
        return False
    for value in values_of(event.get(field)):
        held = words(text_form(value) or "")
        if any(held[start : start + len(wanted)] == wanted for start in range(len(held) - len(wanted) + 1)):
            return True
    return False


def _in_range(event: Event, kind: FieldType | None, query: Range) -> bool:
    test: RangeTest = range_test(kind, query)
    if kind in _VALUED or kind is None:
        return any(test(text) for text in _texts(event, query.field, kind))
    return any(typed is not None and test(typed) for typed in split(event, query.field, kind)[0])


def _in_network(event: Event, field: str, network: str) -> bool:
    try:
        first, last = network_bounds(network)
    except ValueError as error:
        raise QueryError(f"{field}: '{network[:80]}' is no network; write 10.0.0.0/8 or fd00::/8") from error
    addresses = (typed_form(FieldType.IP, text_form(value)) for value in values_of(event.get(field)))
    return any(first <= address_number(str(address)) <= last for address in addresses if address is not None)
