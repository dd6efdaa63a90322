"""Regular expressions as queries, compiled once for all indexes that share a schema: that takes milliseconds."""

from __future__ import annotations

import threading
from collections import OrderedDict

import tantivy

_MOST = 64
_guard = threading.Lock()
_compiled: OrderedDict[tuple[int, str, str], tuple[tantivy.Schema, tantivy.Query | None]] = OrderedDict()
"""By the identity of the schema, which is kept so that no other one takes it."""


def regex_query(schema: tantivy.Schema, field: str, regex: str) -> tantivy.Query | None:
    """The events with a term of a field that an expression matches; None where it is too large for the engine."""
    key = id(schema), field, regex
    with _guard:
        if key not in _compiled:
            _compiled[key] = schema, _compile(schema, field, regex)
            while len(_compiled) > _MOST:
                _compiled.popitem(last=False)
        _compiled.move_to_end(key)
        return _compiled[key][1]


def _compile(schema: tantivy.Schema, field: str, regex: str) -> tantivy.Query | None:
    try:
        return tantivy.Query.regex_query(schema, field, regex)
    except ValueError:
        return None
