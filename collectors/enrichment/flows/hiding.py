"""Hiding values that identify people, in what a flow's event keeps: addresses, query strings, literals, the record."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from urllib.parse import quote, unquote

import orjson

from classification.masking import Scanner, mask, mask_text
from events import Event

_SUSPECT = re.compile(r"\d{6}|@|%[0-9A-Fa-f]{2}|[^\x00-\x7f]")
"""What any identifier has at least; a text without it needs no closer look."""
_DIGITS = re.compile(r"\d{6}|@")
_WIDE = re.compile(r"[^\x00-\x7f]")
_LITERAL = re.compile(r"'((?:[^'\\]|\\.|'')*)'|\"((?:[^\"\\]|\\.|\"\")*)\"", re.DOTALL)
_FEWEST = 2
CategoryOf = Callable[[str], "str | None"]


class Hiding:
    """Hides values; every text with one scanner."""

    def __init__(self, scanner: Scanner, category_of: CategoryOf) -> None:
        """Take the scanner, and how a parameter's name tells what it holds."""
        self._scanner = scanner
        self._category_of = category_of

    def in_target(self, target: str) -> str:
        """A request's target with the values of its path and query hidden."""
        path, mark, query = target.partition("?")
        hidden = "/".join(self._segment(part) for part in path.split("/")) if _SUSPECT.search(path) else path
        return hidden + mark + "&".join(self._parameter(part) for part in query.split("&")) if mark else hidden

    def in_query(self, query: str) -> str:
        """A query string with its values hidden."""
        return "&".join(self._parameter(part) for part in query.split("&"))

    def in_statement(self, statement: str) -> tuple[str, list[str]]:
        """A statement with the literals hidden that identify somebody, and those literals.

        A literal in a script other than Latin counts as a name: no test tells names from other words for certain.
        """
        if not _SUSPECT.search(statement):
            return statement, []
        found: list[str] = []

        def hide(match: re.Match[str]) -> str:
            literal = match[1] if match[1] is not None else match[2]
            hidden = self._value(literal, None)
            if hidden == literal:
                return match[0]
            found.append(literal)
            return match[0][0] + hidden + match[0][-1]

        hidden = _LITERAL.sub(hide, statement)
        return (mask_text(hidden, self._scanner) if _DIGITS.search(hidden) else hidden), found

    def in_text(self, text: str) -> str:
        """Any text with what the scanner finds hidden."""
        return mask_text(text, self._scanner) if _SUSPECT.search(text) else text

    def in_document(self, document: object, hidden: Mapping[str, str]) -> object:
        """A record's structure with ``hidden`` values replaced by name of their whole text, others by the scanner."""
        if isinstance(document, str):
            return hidden[document] if document in hidden else self.in_text(document)
        if isinstance(document, dict):
            return {name: self.in_document(value, hidden) for name, value in document.items()}
        if isinstance(document, list):
            return [self.in_document(value, hidden) for value in document]
        if isinstance(document, int) and not isinstance(document, bool):
            text = str(document)
            masked = self.in_text(text)
            return document if masked == text else masked
        return document

    def _segment(self, segment: str) -> str:
        plain = unquote(segment)
        hidden = self._value(plain, None)
        return segment if hidden == plain else quote(hidden, safe="*")

    def _parameter(self, parameter: str) -> str:
        name, mark, value = parameter.partition("=")
        plain = unquote(value.replace("+", " "))
        hidden = self._value(plain, self._category_of(name))
        return parameter if hidden == plain else f"{name}{mark}{quote(hidden, safe='*')}"

    def _value(self, value: str, category: str | None) -> str:
        if not value:
            return value
        if category is not None:
            return mask(value, category)
        if not _SUSPECT.search(value):
            return value
        masked = mask_text(value, self._scanner)
        if masked == value and _WIDE.search(value) and len(value) >= _FEWEST:
            return mask(value, None)
        return masked


def without_bodies(document: object, names: frozenset[str]) -> object:
    """A record's structure less the fields that hold bodies, at any depth."""
    if isinstance(document, dict):
        return {name: without_bodies(value, names) for name, value in document.items() if name not in names}
    if isinstance(document, list):
        return [without_bodies(value, names) for value in document]
    return document


def parsed(original: str) -> tuple[str, object] | None:
    """A record that ends with a JSON object: what stands before it, and the object; None for any other."""
    start = original.find("{")
    if start < 0:
        return None
    try:
        return original[:start], orjson.loads(original[start:])
    except orjson.JSONDecodeError:
        return None


def put_document(event: Event, head: str, document: object) -> None:
    """Make a structure the event's record."""
    event["event.original"] = head + orjson.dumps(document).decode()
