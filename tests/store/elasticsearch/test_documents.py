"""The document of an event: it holds the whole event, and what was written before it changes nothing."""

from __future__ import annotations

from typing import Any

import orjson
from hypothesis import given
from hypothesis import strategies as st

from events import Event, Scalar, Value, field_table
from store.elasticsearch.columns import ADDRESSES, INDEXED_ONLY, NAMES, NUMBERS, PAIRS
from store.elasticsearch.document import DocumentBuilder, event_of
from store.storable import storable

_NAMES = ("@timestamp", "source.ip", "process.pid", "fengsui.data.masked", "vulnerability.score.base", "message")
_KEYWORDS_AND_OWN = ("event.code", "user.name", "winlog.a", "own.b", "_x", "", "a..b", "fengsui.own.x", "x\x00")
_TEXTS = (
    *("5", "-3.5", "1e5", "10.0.0.1", "::1", "fe80::1%eth0", "true", "İx", "Σ", "x" * 9_000, "É" * 9_000),
    *("2026-01-31T08:15:30.123Z", "2026-02-30T08:15:30.123Z", "2026-02-28T24:15:30.123Z", "2026-02-28 08:15:30.123Z"),
)

_TERMS = (PAIRS, NAMES, NUMBERS, ADDRESSES)
_TYPES = field_table().types

texts = st.sampled_from(_TEXTS) | st.text(max_size=20)
scalars: st.SearchStrategy[Scalar] = texts | st.integers(-(2**70), 2**70) | st.booleans() | st.none()
fractions = st.floats(allow_nan=False, allow_infinity=False)
values: st.SearchStrategy[Value] = scalars | fractions | st.lists(scalars, max_size=3)
events = st.dictionaries(st.sampled_from(_NAMES + _KEYWORDS_AND_OWN), values, max_size=8)


def _document(builder: DocumentBuilder, event: Event) -> dict[str, Any]:
    """The document, its terms in one order."""
    document: dict[str, Any] = orjson.loads(builder.document(event))
    return document | {name: sorted(document[name]) for name in _TERMS if name in document}


@given(event=events)
def test_a_document_holds_the_whole_event(event: Event) -> None:
    stored = _document(DocumentBuilder(_TYPES), event)
    assert event_of({name: value for name, value in stored.items() if name not in INDEXED_ONLY}) == storable(event)[0]


@given(names=st.lists(st.sampled_from(_NAMES + _KEYWORDS_AND_OWN), unique=True, max_size=6), data=st.data())
def test_events_with_the_same_fields_but_other_types_are_not_taken_for_one_another(
    names: list[str], data: st.DataObject
) -> None:
    builder = DocumentBuilder(_TYPES)
    for _ in range(4):
        event: Event = {name: data.draw(values) for name in names}
        assert _document(builder, event) == _document(DocumentBuilder(_TYPES), event)


def test_only_times_in_the_own_form_stand_as_they_are() -> None:
    builder = DocumentBuilder(_TYPES)
    plain, spaced, none = (
        _document(builder, {"@timestamp": text})
        for text in ("2026-02-28T08:15:30.123Z", "2026-02-28 08:15:30.123Z", "2026-02-30T08:15:30.123Z")
    )
    assert plain["@timestamp"] == "2026-02-28T08:15:30.123Z"
    assert spaced["@timestamp"] == ["2026-02-28T08:15:30.123Z"]
    assert "@timestamp" not in none
