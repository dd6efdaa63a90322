"""Queries inside aggregations: filters in Elasticsearch's query form, and ranges."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from events import FieldType, field_table, format_timestamp, now_ms
from store.aggregation.nodes import QueryBucket
from store.aggregation.options import Options
from store.errors import QueryError
from store.query.moments import span_of
from store.query.parser import parse_query
from store.query.tree import And, Exists, MatchAll, Not, Or, Query, Range, Term

_CLAUSES = "query_string, term, terms, range, exists, bool, match_all"
_MAX_DEPTH = 20


def read_filter(body: object, place: str, depth: int = 0) -> Query:
    """The query of a filter.

    Raises:
        QueryError: the clause isn't supported.
    """
    if not isinstance(body, Mapping) or len(body) != 1 or depth > _MAX_DEPTH:
        raise QueryError(f"{place}: one clause of {_CLAUSES}")
    kind, inner = next(iter(body.items()))
    if kind == "match_all":
        return MatchAll()
    if not isinstance(inner, Mapping):
        raise QueryError(f"{place}.{kind}: must be an object")
    if kind == "query_string" and isinstance(inner.get("query"), str):
        return parse_query(inner["query"])
    if kind == "exists" and isinstance(inner.get("field"), str):
        return Exists(inner["field"])
    if kind == "bool":
        return _boolean(inner, place, depth)
    if kind in ("term", "terms", "range") and len(inner) == 1:
        return _field_clause(kind, *next(iter(inner.items())), place)
    raise QueryError(f"{place}: {kind} isn't supported so; one clause of {_CLAUSES}")


def _field_clause(kind: str, field: str, value: Any, place: str) -> Query:  # noqa: ANN401 (JSON)
    if kind == "range" and isinstance(value, Mapping):
        return _range(field, value, place)
    if kind == "terms" and isinstance(value, list):
        return Or(tuple(Term(field, _text(item)) for item in value))
    return Term(field, _text(value.get("value") if isinstance(value, Mapping) else value))


def _boolean(body: Mapping[str, Any], place: str, depth: int) -> Query:
    parts: list[Query] = []
    if unknown := set(body) - {"must", "filter", "should", "must_not"}:
        raise QueryError(f"{place}.bool: {', '.join(sorted(unknown))} isn't supported; leave it out")
    for occurrence, clauses in body.items():
        listed = clauses if isinstance(clauses, list) else [clauses]
        queries = tuple(read_filter(clause, f"{place}.bool.{occurrence}", depth + 1) for clause in listed)
        if occurrence == "must_not":
            parts.extend(Not(query) for query in queries)
        elif occurrence == "should":
            # As in Elasticsearch: where anything is required, what should match doesn't filter.
            parts.extend([] if {"must", "filter"} & set(body) else [Or(queries)])
        else:
            parts.extend(queries)
    return And(tuple(parts)) if parts else MatchAll()


def _range(field: str, bounds: Mapping[str, Any], place: str) -> Query:
    if unknown := set(bounds) - {"gte", "gt", "lte", "lt"}:
        raise QueryError(f"{place}.range: {', '.join(sorted(unknown))} isn't supported; use gte, gt, lte, lt")
    lower, upper = bounds.get("gte", bounds.get("gt")), bounds.get("lte", bounds.get("lt"))
    return _bounded(field, (lower, upper), include_lower="gt" not in bounds, include_upper="lt" not in bounds)


def _bounded(field: str, bounds: tuple[Any, Any], *, include_lower: bool, include_upper: bool) -> Query:
    """A range, whose bounds on a date field are moments in any form."""
    texts = [None if bound is None else _text(bound) for bound in bounds]
    if field_table().type_of(field) is FieldType.DATE:
        try:
            inclusive = (include_lower, not include_upper)
            texts = [t and format_timestamp(span_of(t, now_ms())[0 if low else 1]) for t, low in zip(texts, inclusive)]  # noqa: B905 (both are pairs)
        except (ValueError, OverflowError) as error:
            raise QueryError(f"{field}: a bound is no date; write 2026-01-31 or now-1d") from error
    return Range(field, texts[0], texts[1], include_lower, include_upper)


def range_buckets(options: Options) -> tuple[QueryBucket, ...]:
    """The buckets of ``range`` and ``date_range``: from included, to excluded."""
    field, ranges = options.field(), options.take("ranges", list, [])
    options.done()
    return tuple(_bucket(field, bounds, options.place) for bounds in ranges)


def _bucket(field: str, bounds: object, place: str) -> QueryBucket:
    if not isinstance(bounds, dict) or set(bounds) - {"key", "from", "to"}:
        raise QueryError(f"{place}.ranges: each has from, to or both, and a key if wanted")
    lower, upper = bounds.get("from"), bounds.get("to")
    key = bounds.get("key", f"{'*' if lower is None else lower}-{'*' if upper is None else upper}")
    extra = {name: bounds[name] for name in ("from", "to") if bounds.get(name) is not None}
    return QueryBucket(str(key), _bounded(field, (lower, upper), include_lower=True, include_upper=False), extra)


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return str(value)
    raise QueryError("a value in a filter is a text, a number or a truth value")
