"""How the embedded engine keeps an event and its names, and days that earlier layouts kept."""

from __future__ import annotations

from collections.abc import Callable
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
    writing, values = Writing(names, apart), [event[name] for name in names]
    assert stored_event(writing.text(event, values, writing.names.line), {}) == event
    known = {writing.names.digest: tuple(names)}
    assert stored_event(writing.text(event, values, writing.names.digest), known) == event


def test_names_are_kept_once_and_every_reader_finds_them(tmp_path: Path, make_event: MakeEvent) -> None:
    with (
        closing(EmbeddedEventStore(tmp_path, "write")) as store,
        closing(EmbeddedEventStore(tmp_path, "read")) as reader,
    ):
        alike = [make_event(number, moment_ms=BASE_MS + number) for number in range(50)]
        store.write(alike)
        assert _all(reader) == alike
        store.write(alike[:3])
        [file] = tmp_path.rglob("names-*.json")
        others = [
            make_event(50 + number, moment_ms=BASE_MS + 50 + number, **{f"app__{number % 2}": 1})
            for number in range(50)
        ]
        store.write(others)
        assert _all(reader) == alike + others
        assert len(list(tmp_path.rglob("names-*.json"))) == 2
        stored = b"".join(path.read_bytes() for path in tmp_path.rglob("*.store"))
        assert b"event.dataset" in file.read_bytes()
        assert b"event.dataset" not in stored
    with closing(EmbeddedEventStore(tmp_path, "read")) as again:
        assert _all(again) == alike + others


def test_events_of_ever_new_shapes_leave_few_lists_of_names(
    tmp_path: Path, make_event: MakeEvent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("store.embedded.names._MOST_FILES", 3)
    monkeypatch.setattr("store.embedded.names._MOST_BYTES", 2_000)
    events = [make_event(number, moment_ms=BASE_MS + number, **{f"app__{number}": number}) for number in range(60)]
    with closing(EmbeddedEventStore(tmp_path, "write")) as store:
        for first in range(0, 60, 10):
            store.write(events[first : first + 10])
        assert _all(store) == events
    files = [path.stat().st_size for path in tmp_path.rglob("names-*.json")]
    assert len(files) <= 3
    assert sum(files) < 3_000


@pytest.mark.parametrize(
    "damage", [lambda content: content[:-9], lambda content: content.replace(b"dataset", b"module")]
)
def test_names_that_are_damaged_or_lost_are_never_mistaken(
    tmp_path: Path, make_event: MakeEvent, damage: Callable[[bytes], bytes]
) -> None:
    with closing(EmbeddedEventStore(tmp_path, "write")) as store:
        store.write([make_event(1, moment_ms=BASE_MS)])
    [file] = tmp_path.rglob("names-*.json")
    whole = file.read_bytes()
    file.write_bytes(damage(whole))
    with pytest.raises(StoreError, match=r"names-.*damaged"), closing(EmbeddedEventStore(tmp_path, "read")) as reader:
        _all(reader)
    file.unlink()
    with pytest.raises(StoreError, match="lacks names"), closing(EmbeddedEventStore(tmp_path, "read")) as reader:
        _all(reader)
    file.write_bytes(whole)
    with closing(EmbeddedEventStore(tmp_path, "read")) as reader:
        assert len(_all(reader)) == 1


def test_a_disk_that_is_full_for_names_takes_no_event(
    tmp_path: Path, make_event: MakeEvent, monkeypatch: pytest.MonkeyPatch
) -> None:
    events = [make_event(number, moment_ms=BASE_MS + number) for number in range(5)]
    with closing(EmbeddedEventStore(tmp_path, "write")) as store:
        with monkeypatch.context() as full:
            full.setattr("store.embedded.names.sync", _full)
            with pytest.raises(StoreError, match="make space"):
                store.write(events)
        assert _all(store) == []
        assert store.write(events).created == 5
        assert _all(store) == events


def _full(*_paths: Path) -> None:
    raise OSError("no space left on device")


def _all(store: EmbeddedEventStore) -> list[Event]:
    return store.search(MatchAll(), Window(), limit=1_000, order="oldest").events


@pytest.mark.parametrize("layout", [2, 3])
def test_an_earlier_layout_is_refused_until_it_is_upgraded(tmp_path: Path, make_event: MakeEvent, layout: int) -> None:
    original = '{"user": "登录",\n"m": "a message"}'
    events = [
        make_event(number, moment_ms=BASE_MS + number, event__original=original, message="a message")
        for number in range(150)
    ]
    make_earlier_day(tmp_path, layout, events)
    with closing(EmbeddedEventStore(tmp_path, "read")) as reader, pytest.raises(StoreError, match="fengsui store init"):
        reader.search(MatchAll(), Window())
    assert [number for _key, number in upgrade_indexes(tmp_path)] == [150]
    with closing(EmbeddedEventStore(tmp_path, "write")) as store:
        page = store.search(parse_query('"a message" AND event.original:"登录"'), Window(), limit=200, order="oldest")
        assert page.events == events
        assert store.write(events).existing == 150
