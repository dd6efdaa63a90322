"""The one query language: Lucene syntax, read once into a tree that every engine translates."""

from store.query.evaluate import evaluate
from store.query.parser import parse_query
from store.query.tree import And, Cidr, Exists, MatchAll, Not, Or, Query, Range, Regex, Term, Wildcard

__all__ = [
    "And",
    "Cidr",
    "Exists",
    "MatchAll",
    "Not",
    "Or",
    "Query",
    "Range",
    "Regex",
    "Term",
    "Wildcard",
    "evaluate",
    "parse_query",
]
