"""What a body holds: looked into in memory, told as categories and counts, and dropped."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from urllib.parse import unquote_plus

import orjson

from classification.identifiers.policy import load_identifiers
from classification.masking import Fingerprints, Scanner, TextHit
from collectors.enrichment.flows.policy import FlowPolicy

_STARS = "**"
_SOME = 50
"""Records of a list whose field names are looked at; records of one list are alike."""


@dataclass(frozen=True, slots=True)
class BodyContent:
    """What was found in a body.

    Attributes:
        categories: of all identifiers found.
        subjects: how many people are told apart.
        fingerprints: of the subjects, at most as many as are kept.
        fields: names of the fields of its records, in order.
        records: how many records it holds; None where it is no structure.
        masked: False where personal values stand in it as they are, True where they stand masked; None for neither.
        cut: whether its end was not looked at, being too long.
    """

    categories: tuple[str, ...] = ()
    subjects: int = 0
    fingerprints: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    records: int | None = None
    masked: bool | None = None
    cut: bool = False


class BodyReader:
    """Looks into bodies."""

    def __init__(self, scanner: Scanner, fingerprints: Fingerprints, policy: FlowPolicy) -> None:
        """Take what finds identifiers, and the key by which people are told apart unnamed."""
        self._scanner = scanner
        self._fingerprints = fingerprints
        self._policy = policy

    def read(self, body: str) -> BodyContent:
        """What a body holds, a JSON document or any other text."""
        text = body[: self._policy.body_longest]
        document = _document(body)
        if document is None and "%" in text:
            text = unquote_plus(text)
        hits = self._scanner.find(text)
        values = self.subjects(text, hits)
        records = list(_records(document))
        personal = any(hit.category in _personal() for hit in hits)
        return BodyContent(
            tuple(sorted({hit.category for hit in hits})),
            len(values),
            tuple(values)[: self._policy.subjects_kept],
            tuple(dict.fromkeys(name for record in records[:_SOME] for name in record)),
            len(records) if document is not None else None,
            False if personal else True if _STARS in text else None,
            len(body) > len(text),
        )

    def subjects(self, text: str, hits: Sequence[TextHit]) -> list[str]:
        """The people that a text speaks of, by fingerprint: told apart by the surest identifier there is."""
        present = {hit.category for hit in hits}
        category = next((each for each in self._policy.subject_categories if each in present), None)
        values = dict.fromkeys(text[hit.start : hit.end] for hit in hits if hit.category == category)
        return list(dict.fromkeys(self._fingerprints.of(value, category) for value in values))


@cache
def _personal() -> frozenset[str]:
    return frozenset(name for name, each in load_identifiers().identifiers.items() if each.personal)


def _document(body: str) -> object | None:
    if not body.lstrip().startswith(("{", "[")):
        return None
    try:
        document: object = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    return document


def _records(document: object) -> Iterator[dict[str, object]]:
    """The records in an answer: the longest list of objects in it, or the innermost object that holds no other."""
    lists = list(_lists(document))
    if lists:
        yield from max(lists, key=len)
        return
    while isinstance(document, dict):
        inner = [value for value in document.values() if isinstance(value, dict)]
        if not inner:
            yield document
            return
        document = inner[0]


def _lists(document: object) -> Iterator[list[dict[str, object]]]:
    waiting = [document]
    while waiting:
        each = waiting.pop()
        if isinstance(each, dict):
            waiting += each.values()
        elif isinstance(each, list):
            objects = [item for item in each if isinstance(item, dict)]
            if objects:
                yield objects
            waiting += each
