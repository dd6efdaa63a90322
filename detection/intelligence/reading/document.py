"""JSON documents from outside: read within limits, and asked for texts, maps and lists that may not be there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC

import orjson

from detection.intelligence.errors import IntelligenceError
from detection.intelligence.reading.gathering import Gathering
from events import parse_timestamp


def read_json(content: bytes, gathering: Gathering) -> Mapping[str, object]:
    """The object that a document is.

    Raises:
        IntelligenceError: it is no JSON, no object, or nested too deeply.
    """
    try:
        document = orjson.loads(content.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError as error:
        raise IntelligenceError(f"no JSON: {error.msg} at line {error.lineno}; check the file's form") from error
    if not isinstance(document, dict):
        raise IntelligenceError("the document is no JSON object; check the file's form")
    _check_nesting(document, gathering.policy.limits.nesting)
    return document


def _check_nesting(document: object, deepest: int) -> None:
    """Look at each level in turn, so that no depth exhausts the interpreter's stack."""
    level: list[object] = [document]
    for _ in range(deepest):
        level = [child for each in level for child in _children(each)]
        if not level:
            return
    raise IntelligenceError(f"nested more than {deepest} levels deep; no honest document is")


def _children(value: object) -> Iterator[object]:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return (each for each in inner if isinstance(each, dict | list))


def text_at(content: Mapping[str, object], key: str) -> str:
    """A key's text, empty where there is none."""
    value = content.get(key)
    return value if isinstance(value, str) else ""


def maps_at(content: Mapping[str, object], key: str) -> list[Mapping[str, object]]:
    """A key's list of maps; what else stands in it is left out."""
    value = content.get(key)
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def texts_at(content: Mapping[str, object], key: str) -> tuple[str, ...]:
    """A key's list of texts; what else stands in it is left out."""
    value = content.get(key)
    return tuple(each for each in value if isinstance(each, str)) if isinstance(value, list) else ()


def map_at(content: Mapping[str, object], key: str) -> Mapping[str, object]:
    """A key's map, empty where there is none."""
    value = content.get(key)
    return value if isinstance(value, dict) else {}


def moment_of(text: str) -> int | None:
    """Milliseconds since 1970 UTC of an ISO 8601 time or date; a time without zone is in UTC, no text is None.

    Raises:
        ValueError: the text is no such time.
    """
    if not text.strip():
        return None
    try:
        return parse_timestamp(text, UTC)
    except OverflowError as error:
        raise ValueError("the time lies outside the years 1 to 9999") from error
