"""What an index is told about its documents, generated from the field table."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, TypeAlias

import orjson

from events import FieldType
from store.elasticsearch.columns import ADDRESSES, INDEXED_ONLY, MAX_TERM_BYTES, NAMES, NUMBERS, OWN, PAIRS, RECEIVED
from store.query.values import MAX_WORD_BYTES, words

LAYOUT_VERSION = 1
"""Counts up when documents are laid out in another way."""
WORDS = "fengsui_words"
"""Name of the analyzer of texts."""
ORIGINAL = "event.original"
"""The raw record: nearly always longer than all else, so that its words are indexed without their places."""
Range: TypeAlias = tuple[int, int]
_ID = "event.id"
_UNICODE_END = 0x110000
_SURROGATES = range(0xD800, 0xE000)


def layout_of(types: Mapping[str, FieldType]) -> str:
    """What tells one layout of documents from another."""
    content = orjson.dumps([LAYOUT_VERSION, dict(sorted(types.items()))])
    return hashlib.blake2b(content, digest_size=8).hexdigest()


def build_mapping(types: Mapping[str, FieldType], *, compact_text: bool) -> dict[str, Any]:
    """The mapping of an index whose typed fields are ``types``.

    Args:
        types: fields and their types.
        compact_text: whether the cluster has ``match_only_text``, which tries words in a row by itself.
    """
    properties: dict[str, Any] = {name: _property(kind) for name, kind in types.items()}
    properties[_ID] = {"type": "keyword", "index": False, "doc_values": True}
    properties[ORIGINAL] = _property(FieldType.TEXT) | {"index_options": "docs"}
    if compact_text:
        properties[ORIGINAL] = {"type": "match_only_text", "analyzer": WORDS}
    index_only = {"type": "keyword", "doc_values": False, "norms": False}
    properties |= dict.fromkeys((PAIRS, NAMES, NUMBERS, ADDRESSES), index_only)
    properties[OWN] = {"type": "flattened", "ignore_above": MAX_TERM_BYTES, "index": False}
    properties[RECEIVED] = {"type": "date"}
    return {
        "dynamic": False,
        "subobjects": False,
        "date_detection": False,
        "_source": {"excludes": list(INDEXED_ONLY)},
        "_meta": {
            "layout": layout_of(types),
            "fields": dict(types),
            "unplaced": [] if compact_text else [ORIGINAL],
        },
        "properties": properties,
    }


def build_analysis() -> dict[str, Any]:
    """The analyzer that finds in a text exactly what ``store.query.values.words`` finds."""
    return {
        "tokenizer": {WORDS: {"type": "simple_pattern", "pattern": word_pattern()}},
        "filter": {WORDS: {"type": "length", "max": MAX_WORD_BYTES - 1}},
        "analyzer": {WORDS: {"type": "custom", "tokenizer": WORDS, "filter": ["lowercase", WORDS]}},
    }


def word_pattern() -> str:
    """A word in Lucene's syntax of expressions: a run of letters and digits, or one ideograph."""
    runs, singles = word_classes()
    return f"[{_classes(runs)}]+|[{_classes(singles)}]"


@cache
def word_classes() -> tuple[list[Range], list[Range]]:
    """Ranges of the characters that are words in runs, and of those that are words one by one."""
    runs: list[int] = []
    singles: list[int] = []
    for code in range(_UNICODE_END):
        if code in _SURROGATES or not chr(code).isalnum() or not (found := words(chr(code) * 2)):
            continue
        (runs if len(found) == 1 else singles).append(code)
    return list(_ranges(runs)), list(_ranges(singles))


def _property(kind: FieldType) -> dict[str, Any]:
    if kind is FieldType.KEYWORD:
        return {"type": "keyword", "normalizer": "lowercase", "ignore_above": MAX_TERM_BYTES}
    if kind is FieldType.TEXT:
        return {"type": "text", "analyzer": WORDS, "norms": False}
    if kind is FieldType.DATE:
        return {"type": "date", "format": "strict_date_optional_time||epoch_millis"}
    return {"type": str(kind)}


def _classes(ranges: list[Range]) -> str:
    return "".join(chr(first) if first == last else f"{chr(first)}-{chr(last)}" for first, last in ranges)


def _ranges(codes: list[int]) -> Iterator[Range]:
    """First and last of each row of neighbors among ascending code points."""
    first = previous = codes[0]
    for code in codes[1:]:
        if code != previous + 1:
            yield first, previous
            first = code
        previous = code
    yield first, previous
