"""In what form a file of indicators is, by what it begins with."""

from __future__ import annotations

import orjson

from detection.intelligence.reading import IndicatorFormat

_MISP = frozenset({"Event", "response", "list"})
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def format_of(content: bytes) -> IndicatorFormat:
    """STIX and MISP are JSON with keys of their own; a table has a header that names the column ``value``."""
    text = content.removeprefix(_BYTE_ORDER_MARK).lstrip()
    if text[:1] == b"{":
        try:
            document = orjson.loads(text)
        except orjson.JSONDecodeError:
            return IndicatorFormat.STIX  # whose reader says where it is broken
        return IndicatorFormat.MISP if not _MISP.isdisjoint(document) else IndicatorFormat.STIX
    header = [name.strip().strip(b'"').lower() for name in text.splitlines()[0].split(b",")] if text else []
    return IndicatorFormat.CSV if b"value" in header else IndicatorFormat.LIST
