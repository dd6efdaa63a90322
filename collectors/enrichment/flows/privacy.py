"""Leaves no raw value in an event: bodies are gone, identifiers in addresses, literals and the record are hidden."""

from __future__ import annotations

import re
from collections.abc import Mapping

from classification.identifiers.policy import load_identifiers
from classification.masking import Scanner
from collectors.enrichment.flows.bodies import BodyReader
from collectors.enrichment.flows.hiding import Hiding, parsed, put_document
from collectors.enrichment.flows.policy import FlowPolicy
from collectors.normalizers.gateway.bodies import without_bodies
from events import Event, Value

_WORD = re.compile(r"[^0-9a-z\u4e00-\u9fff]+")
_TARGETS = ("url.original", "url.full", "url.path")


class Privacy:
    """Cleans events; what was found is hidden in every field that holds it."""

    def __init__(self, scanner: Scanner, bodies: BodyReader, policy: FlowPolicy) -> None:
        """Take what finds identifiers and what makes their fingerprints."""
        self._scanner = scanner
        self._bodies = bodies
        self._policy = policy
        self._hiding = Hiding(scanner, _category_of)

    def clean_call(self, event: Event, *, had_body: bool) -> None:
        """Hide what identifies people in a gateway call."""
        hidden: dict[str, str] = {}
        for name in _TARGETS:
            self._hide(event, name, self._hiding.in_target, hidden)
        self._hide(event, "url.query", self._hiding.in_query, hidden)
        original = str(event.get("event.original", ""))
        hits = self._scanner.find(original) if not had_body else ()
        if hits and "fengsui.data.subject" not in event:
            self._put_subjects(event, original)
        if had_body or hits or hidden:
            self._clean_record(event, hidden)

    def clean_statement(self, event: Event, statement: str) -> None:
        """Hide what identifies people in an audited statement."""
        masked, literals = self._hiding.in_statement(statement)
        if masked == statement:
            return
        self._put_subjects(event, statement)
        hidden = {statement: masked}
        for literal in literals:
            hidden.setdefault(literal, self._hiding.in_statement(f"'{literal}'")[0][1:-1])
        event["database.statement"] = masked
        self._clean_record(event, hidden)

    def _put_subjects(self, event: Event, text: str) -> None:
        fingerprints = self._bodies.subjects(text, self._scanner.find(text))
        if fingerprints:
            event["fengsui.data.subject"] = [*fingerprints[: self._policy.subjects_kept]]

    def _hide(self, event: Event, name: str, hide: object, hidden: dict[str, str]) -> None:
        value = event.get(name)
        if isinstance(value, str) and callable(hide):
            masked = hide(value)
            if masked != value:
                hidden[value] = event[name] = masked

    def _clean_record(self, event: Event, hidden: Mapping[str, str]) -> None:
        """Hide in the record itself and in every field that was made of it."""
        for name, value in event.items():
            if name != "event.original" and not name.startswith("fengsui."):
                event[name] = self._clean(value, hidden)
        original = str(event.get("event.original", ""))
        document = parsed(original)
        if document is None:
            event["event.original"] = self._hiding.in_text(_replaced(original, hidden))
            return
        head, content = document
        bare = without_bodies(content) if isinstance(content, dict) else content
        put_document(event, head, self._hiding.in_document(bare, hidden))

    def _clean(self, value: Value, hidden: Mapping[str, str]) -> Value:
        if isinstance(value, str):
            return hidden[value] if value in hidden else self._hiding.in_text(_replaced(value, hidden))
        if isinstance(value, list):
            return [self._clean(each, hidden) if isinstance(each, str) else each for each in value]  # type: ignore[misc]
        return value


def _replaced(text: str, hidden: Mapping[str, str]) -> str:
    for value, masked in hidden.items():
        if value in text:
            text = text.replace(value, masked)
    return text


def _words() -> Mapping[str, str]:
    identifiers = load_identifiers().identifiers
    return {_spelled(word): name for name, each in identifiers.items() if each.personal for word in each.columns.names}


def _spelled(name: str) -> str:
    return _WORD.sub("", name.lower())


_NAMES: dict[str, str] = {}


def _category_of(name: str) -> str | None:
    """The personal identifier that a parameter's name says it holds."""
    if not _NAMES:
        _NAMES.update(_words())
    return _NAMES.get(_spelled(name))
