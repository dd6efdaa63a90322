"""How the embedded engine keeps an event, and days that the second layout kept."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from events import Event, Value
from store import EmbeddedEventStore, StoreError, Window, parse_query
from store.embedded import upgrade_indexes
from store.embedded.stored import Writing, stored_event
from store.query import MatchAll

from .conftest import BASE_MS, MakeEvent
from .earlier_layouts import make_earlier_day

_letter = st.one_of(st.sampled_from('a"\\\n\t\u2028[{,登'), st.characters(exclude_categories=["Cs"]))
_text = st.text(_letter, max_size=12)
_content = st.one_of(_text, st.none(), st.lists(_text))


@settings(max_examples=200, deadline=None)
@given(message=_text, around=st.tuples(_text, _text), value=_content, data=st.data())
def test_an_event_comes_back_from_its_text(
    message: str, around: tuple[str, str], value: Value, data: st.DataObject
) -> None:
    held = data.draw(st.sampled_from([orjson.dumps(message).decode(), message, message[:-1], ""]))
    whole: Event = {"a": value, "message": message, "b": 1, "event.original": around[0] + held + around[1]}
    event: Event = {name: whole[name] for name in data.draw(st.lists(st.sampled_from([*whole]), unique=True))}
    single = {name for name, content in event.items() if type(content) is str}
    apart = single & {"message", "event.original"}
    names = [name for name in event if name not in apart]
    text = Writing(names, apart).text(event, [event[name] for name in names])
    assert stored_event(text) == event


def test_the_second_layout_is_refused_until_it_is_upgraded(tmp_path: Path, make_event: MakeEvent) -> None:
    original = '{"user": "登录",\n"m": "a message"}'
    events = [
        make_event(number, moment_ms=BASE_MS + number, event__original=original, message="a message")
        for number in range(150)
    ]
    make_earlier_day(tmp_path, 2, events)
    with closing(EmbeddedEventStore(tmp_path, "read")) as reader, pytest.raises(StoreError, match="fengsui store init"):
        reader.search(MatchAll(), Window())
    assert [number for _key, number in upgrade_indexes(tmp_path)] == [150]
    with closing(EmbeddedEventStore(tmp_path, "write")) as store:
        page = store.search(parse_query('"a message" AND event.original:"登录"'), Window(), limit=200, order="oldest")
        assert page.events == events
        assert store.write(events).existing == 150
