"""How the embedded engine keeps an event, and days that the second layout kept."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import orjson
import pytest
import tantivy
from hypothesis import given, settings
from hypothesis import strategies as st

from events import Event, FieldType, timestamp_ms
from store import EmbeddedEventStore, StoreError, Window, parse_query
from store.embedded import upgrade_indexes
from store.embedded.order import DAY_DIGITS, order_number
from store.embedded.stored import Writing, stored_event
from store.query import MatchAll

from .conftest import BASE_MS, MakeEvent

_letter = st.one_of(st.sampled_from('a"\\\n\t\u2028[{,登'), st.characters(exclude_categories=["Cs"]))
_text = st.text(_letter, max_size=12)
_content = st.one_of(_text, st.none(), st.lists(_text))


@settings(max_examples=200, deadline=None)
@given(message=_text, around=st.tuples(_text, _text), value=_content, data=st.data())
def test_an_event_comes_back_from_its_text(
    message: str, around: tuple[str, str], value: object, data: st.DataObject
) -> None:
    held = data.draw(st.sampled_from([orjson.dumps(message).decode(), message, message[:-1], ""]))
    whole = {"a": value, "message": message, "b": 1, "event.original": around[0] + held + around[1]}
    event: Event = {name: whole[name] for name in data.draw(st.lists(st.sampled_from([*whole]), unique=True))}  # type: ignore[misc]
    single = {name for name, content in event.items() if type(content) is str}
    text = Writing([*event], single).text(event)
    assert stored_event(text) == event


def _store_of_the_second_layout(root: Path, events: list[Event]) -> None:
    """A day as versions before the third layout made it, as far as an upgrade reads it."""
    folder = root / "standard" / str(events[0]["@timestamp"])[:10]
    folder.mkdir(parents=True)
    (folder / "fields.json").write_bytes(orjson.dumps({"version": 2, "fields": {"@timestamp": FieldType.DATE}}))
    builder = tantivy.SchemaBuilder()
    builder.add_integer_field("_order", fast=True)
    builder.add_bytes_field("_event", stored=True)
    index = tantivy.Index(builder.build(), path=str(folder))
    writer = index.writer(15_000_000, 1)
    for event in events:
        place = timestamp_ms(str(event["@timestamp"])), str(event["event.id"])
        parts = {name: value for name, value in event.items() if name != "event.original"}
        content = orjson.dumps(parts) + b"\n" + str(event["event.original"]).encode()
        fields = {"_order": order_number(place, DAY_DIGITS), "_event": content}
        writer.add_document(tantivy.Document.from_dict(fields, index.schema))
    writer.commit()
    writer.wait_merging_threads()


def test_the_second_layout_is_refused_until_it_is_upgraded(tmp_path: Path, make_event: MakeEvent) -> None:
    original = '{"user": "登录",\n"m": "a message"}'
    events = [
        make_event(number, moment_ms=BASE_MS + number, event__original=original, message="a message")
        for number in range(150)
    ]
    _store_of_the_second_layout(tmp_path, events)
    with closing(EmbeddedEventStore(tmp_path, "read")) as reader, pytest.raises(StoreError, match="fengsui store init"):
        reader.search(MatchAll(), Window())
    assert [number for _key, number in upgrade_indexes(tmp_path)] == [150]
    with closing(EmbeddedEventStore(tmp_path, "write")) as store:
        page = store.search(parse_query('"a message" AND event.original:"登录"'), Window(), limit=200, order="oldest")
        assert page.events == events
        assert store.write(events).existing == 150
