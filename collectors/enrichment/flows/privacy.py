"""Leaves no raw value in an event: bodies are gone, identifiers in addresses, literals and the record are hidden."""

from __future__ import annotations

import re

import orjson

from classification.masking import Fingerprints, Scanner
from collectors.enrichment.flows.hiding import Hidden, Hiding, replaced
from collectors.enrichment.flows.policy import FlowPolicy
from collectors.enrichment.flows.vocabulary import UNDETERMINED
from collectors.normalizers.gateway.bodies import BODY_NAMES, without_bodies
from events import Event, Value

_TARGETS = ("url.original", "url.full", "url.path")
_SUBJECT = "fengsui.data.subject"
_BODY = re.compile(r"\"(?:" + "|".join(sorted(BODY_NAMES)) + r")\"\s*:")
_SHORTEST = 7
"""Characters of the shortest text that is looked into."""
_QUERY = re.compile(r"(\?)([^\s\"'#]+)")
_SAFE = ("@timestamp", "event.", "fengsui.source.", "fengsui.time.", "source.ip", "source.port", "database.type")
_UNTOUCHED = frozenset({"event.original", "event.id", "@timestamp", "event.ingested", _SUBJECT})


class Privacy:
    """Cleans events; what was found in one field is hidden in every other that holds it."""

    def __init__(self, scanner: Scanner, fingerprints: Fingerprints, policy: FlowPolicy) -> None:
        """Take what finds identifiers, and the key by which people are told apart unnamed."""
        self._hiding = Hiding(scanner, policy.remembered)
        self._fingerprints = fingerprints
        self._policy = policy

    def clean_call(self, event: Event, template: str, *, had_body: bool) -> None:
        """Hide what identifies people in a gateway call; ``template`` is its path as registered, or empty."""
        if not had_body and self._is_plain_call(event, template):
            return
        hidden, whole = Hidden(), {}
        for name in _TARGETS:
            value = event.get(name)
            if isinstance(value, str):
                event[name] = whole[value] = self._hiding.in_target(value, template, hidden)
        query = event.get("url.query")
        if isinstance(query, str):
            event["url.query"] = whole[query] = self._hiding.in_query(query, hidden)
        hidden.masks = {value: masked for value, masked in whole.items() if value != masked} | hidden.masks
        self._finish(event, hidden, must_clean=had_body)

    def _is_plain_call(self, event: Event, template: str) -> bool:
        """Whether nothing is to be hidden in a call, which is told without a closer look at most of them."""
        is_plain_target = self._hiding.is_plain_target
        for name in _TARGETS:
            value = event.get(name)
            if isinstance(value, str) and not is_plain_target(value, template):
                return False
        return "url.query" not in event and self._hiding.is_plain(str(event.get("event.original", "")))

    def clean_statement(self, event: Event, statement: str) -> None:
        """Hide what identifies people in an audited statement."""
        hidden = Hidden()
        masked = self._hiding.in_statement(statement, hidden)
        if masked != statement:
            hidden.masks = {statement: masked} | hidden.masks
        self._finish(event, hidden, must_clean=False)

    def clean_unknown(self, event: Event) -> None:
        """Hide what a record of no known kind holds, if it looks like a gateway's with a body; the body is cut off."""
        original = str(event.get("event.original", ""))
        if _BODY.search(original) is None:
            return
        for name in [name for name in event if not BODY_NAMES.isdisjoint(name.split("."))]:
            del event[name]
        for name in ("event.original", "message"):
            value = event.get(name)
            found = _BODY.search(value) if isinstance(value, str) else None
            if found is not None and not original.rstrip().endswith("}"):
                event[name] = str(value)[: found.start()]
        self._finish(event, Hidden(), must_clean=True)

    def clean_text(self, text: str, *, literals: bool) -> str:
        """A record of which nothing is known, without bodies and with what identifies people hidden.

        Args:
            text: the record.
            literals: whether words in quotes and values of addresses count as names unless they are plain.
        """
        hidden = Hidden()
        found = _BODY.search(text)
        cut = text[: found.start()] if found is not None and _document(text) is None else text
        cleaned = self._clean_record(cut, hidden)
        if literals:
            cleaned = _QUERY.sub(lambda match: match[1] + self._hiding.in_query(match[2], hidden), cleaned)
            cleaned = self._hiding.in_statement(cleaned, hidden)
        return cleaned

    def _finish(self, event: Event, hidden: Hidden, *, must_clean: bool) -> None:
        original = str(event.get("event.original", ""))
        if not must_clean and not hidden.masks and self._hiding.in_text(original, hidden) == original:
            return
        self._put_subjects(event, hidden)
        known = replaced(original, hidden.masks)
        plain = self._hiding.is_plain(known) or self._hiding.in_text(known, hidden) == known
        if plain:
            _replace_in(event, hidden)
        else:
            for name, value in event.items():
                if name not in _UNTOUCHED:
                    event[name] = self._clean(value, hidden)
        if plain and not must_clean and _stays_a_record(original, known):
            event["event.original"] = known
        else:
            event["event.original"] = self._clean_record(original, hidden)

    def _clean_record(self, original: str, hidden: Hidden) -> str:
        """The record without bodies and with everything hidden, a JSON document still being one."""
        document = _document(original)
        if document is None:
            return self._hiding.in_text(replaced(original, hidden.masks), hidden)
        bare = without_bodies(document)
        cleaned = self._hiding.in_document(bare, hidden)
        head = original[: original.find("{")]
        return original if cleaned == document else head + orjson.dumps(cleaned).decode()

    def _clean(self, value: Value, hidden: Hidden) -> Value:
        """A field's value with everything hidden that was found, and what else identifies somebody."""
        if isinstance(value, str):
            text = replaced(value, hidden.masks)
            return text if len(text) < _SHORTEST else self._hiding.in_text(text, hidden)
        if isinstance(value, list):
            return [self._clean(each, hidden) if isinstance(each, str) else each for each in value]  # type: ignore[misc]  # a text stays a text
        return value

    def _put_subjects(self, event: Event, hidden: Hidden) -> None:
        """The people whom a call or statement names, where its answer told of none."""
        if _SUBJECT in event or not hidden.categories:
            return
        present = set(hidden.categories.values())
        category = next((each for each in self._policy.subject_categories if each in present), None)
        values = [value for value, each in hidden.categories.items() if each == category]
        if values and category is not None:
            fingerprints = (self._fingerprints.of(value, category) for value in values[: self._policy.subjects_kept])
            event[_SUBJECT] = [*dict.fromkeys(fingerprints)]


def _replace_in(event: Event, hidden: Hidden) -> None:
    """Put what stands for each value found into every field that holds it."""
    masks = hidden.masks
    shortest = min(map(len, masks), default=0)
    for name, value in event.items():
        if isinstance(value, str):
            if len(value) >= shortest and name not in _UNTOUCHED:
                event[name] = replaced(value, masks)
        elif isinstance(value, list) and name not in _UNTOUCHED:
            event[name] = [replaced(each, masks) if isinstance(each, str) else each for each in value]


def _stays_a_record(original: str, changed: str) -> bool:
    """Whether a record in which values were replaced says the same as if its document had been written anew.

    Not where something in it may be escaped or a body, nor where more than texts was replaced: a number, or a name.
    """
    if "\\" in original or original.count("{") > 1 or _BODY.search(original) is not None:
        return False
    before, after = _document(original), _document(changed)
    return before is not None and after is not None and before.keys() == after.keys()


def _document(record: str) -> dict[str, object] | None:
    """The JSON object with which a record ends; None for a record of another form."""
    start = record.find("{")
    try:
        document = orjson.loads(record[start:]) if start >= 0 else None
    except orjson.JSONDecodeError:
        return None
    return document if isinstance(document, dict) else None


def give_up(event: Event) -> None:
    """Leave of an event that could not be cleaned only what can't hold a raw value; it stays visible as such."""
    for name in [name for name in event if not name.startswith(_SAFE)]:
        del event[name]
    event |= {"event.original": "", "fengsui.grant.status": UNDETERMINED, "fengsui.grant.reason": "enrichment_failed"}
