"""The contract of the event store: writing, reading back, paging."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from events import Event, format_timestamp, now_ms
from store import CursorError, EventStore, Order, QueryError, Window, parse_query
from store.query import MatchAll

from .conftest import BASE_MS, MakeEvent, NewStore

EVERYTHING = Window()


def _ids(events: list[Event]) -> list[str]:
    return [str(event["event.id"]) for event in events]


def _found(store: EventStore, text: str) -> list[str]:
    return _ids(store.search(parse_query(text), EVERYTHING, order="oldest").events)


def test_an_event_is_created_once_whatever_comes_after(event_store: EventStore, make_event: MakeEvent) -> None:
    events = [make_event(number) for number in range(50)]
    first = event_store.write([*events, events[7]])
    assert (first.created, first.existing, first.rejected) == (50, 1, [])
    again = event_store.write([event | {"message": "changed"} for event in events] + [make_event(50)])
    assert (again.created, again.existing) == (1, 50)
    page = event_store.search(MatchAll(), EVERYTHING, order="oldest")
    assert page.events == [*events, make_event(50)]
    assert page.total == 51


def test_an_event_comes_back_as_it_was_written(event_store: EventStore, make_event: MakeEvent) -> None:
    event = make_event(
        1,
        user__name=["Alice", "BOB"],
        source__ip="-",
        source__port="n/a",
        message="原文\nMixed Case",
        app__x=1.5,
        y=None,
        z=True,
    )
    event_store.write([event])
    assert event_store.search(MatchAll(), EVERYTHING).events == [event]
    for text in ("source.ip:\\-", 'source.port:"N/A"', "_exists_:source.ip", "app.x:1.5", "z:TRUE", "NOT _exists_:y"):
        assert _found(event_store, text) == [event["event.id"]], text
    assert _found(event_store, "source.ip:0.0.0.0/0 OR source.port:>=0 OR _exists_:y") == []


@pytest.mark.parametrize(
    ("event", "words"),
    [
        ({"event.id": "a"}, "@timestamp"),
        ({"event.id": "a", "@timestamp": "yesterday"}, "@timestamp"),
        ({"event.id": "a", "@timestamp": 5}, "@timestamp"),
        ({"@timestamp": format_timestamp(BASE_MS)}, "event.id"),
        ({"event.id": "UPPER", "@timestamp": format_timestamp(BASE_MS)}, "event.id"),
    ],
)
def test_a_refused_event_is_named_and_its_neighbors_are_stored(
    event_store: EventStore, make_event: MakeEvent, event: Event, words: str
) -> None:
    result = event_store.write([make_event(1), event, make_event(2)])
    assert (result.created, [(refused.index, words in refused.detail) for refused in result.rejected]) == (
        2,
        [(1, True)],
    )


def test_oversized_and_odd_values_lose_neither_event_nor_search(event_store: EventStore, make_event: MakeEvent) -> None:
    long_line = "powershell -enc " + "QUJD" * 262_144
    events = [
        make_event(1, process__command_line=long_line, message=long_line, app__blob=long_line),
        make_event(2, source__port=10**30, app__big=10**30, user__name="lone \ud800 surrogate"),
        make_event(3, message="nul \x00 byte", user__name="a\x00b"),
        make_event(4, **{"": "empty name", "a\x00b": "nul name"}),
    ]
    assert event_store.write(events).created == 4
    stored = event_store.get(_ids(events))
    assert stored[0] == events[0]
    assert stored[1]["app.big"] == str(10**30)
    assert stored[2:] == events[2:]
    for text in ("process.command_line:powershell*", "app.blob:powershell*", "powershell", "message:enc"):
        assert _found(event_store, text) == [events[0]["event.id"]], text
    assert _found(event_store, "message:byte") == [events[2]["event.id"]]
    assert _found(event_store, 'user.name:"a\x00b"') == [events[2]["event.id"]]


def test_times_beyond_the_plausible_are_kept_apart_and_found_in_order(
    event_store: EventStore, make_event: MakeEvent
) -> None:
    year_1970, year_2099, year_9999 = 86_400_000, 4_070_908_800_000, 253_402_300_799_999
    moments = [year_9999, BASE_MS, year_1970, -62_135_596_800_000, year_2099, now_ms() + 3 * 86_400_000]
    events = [make_event(number, moment_ms=moment) for number, moment in enumerate(moments)]
    assert event_store.write(events).created == 6
    assert event_store.write(events).existing == 6
    page = event_store.search(MatchAll(), EVERYTHING, order="oldest")
    assert [event["@timestamp"] for event in page.events] == sorted(str(event["@timestamp"]) for event in events)
    assert sorted((info.day is None, info.events) for info in event_store.days()) == [(False, 1), (True, 5)]
    assert event_store.search(MatchAll(), Window(0, year_2099)).total == 3


@settings(max_examples=15)
@given(
    places=st.lists(
        st.tuples(
            st.sampled_from([BASE_MS, BASE_MS, BASE_MS + 1, BASE_MS + 86_400_000, 5, 6]),
            st.one_of(st.sampled_from(["aaaaa1", "aaaaa2", "aaaaa", "a", "zz", "zy", "f-1", "-"]), st.uuids().map(str)),
        ),
        min_size=1, max_size=30, unique_by=lambda place: place[1],
    ),
    limit=st.integers(1, 7),
    order=st.sampled_from(["newest", "oldest"]),
)  # fmt: skip
def test_pages_follow_time_and_id_without_gap_or_repeat(
    new_store: NewStore,
    places: list[tuple[int, str]],
    limit: int,
    order: Order,
) -> None:
    events: list[Event] = [{"@timestamp": format_timestamp(moment), "event.id": name} for moment, name in places]
    with new_store() as store:
        store.write(events)
        seen: list[str] = []
        cursor = None
        while True:
            page = store.search(MatchAll(), EVERYTHING, limit=limit, order=order, cursor=cursor)
            assert page.total == len(places)
            seen.extend(_ids(page.events))
            cursor = page.next_cursor
            if cursor is None:
                break
            assert len(page.events) == limit
    assert seen == [name for _moment, name in sorted(places, reverse=order == "newest")]


def test_many_events_of_one_millisecond_are_paged_exactly(event_store: EventStore, make_event: MakeEvent) -> None:
    events = [make_event(number, moment_ms=BASE_MS) | {"event.id": f"aaaaaaaa{number:08x}"} for number in range(700)]
    event_store.write(events)
    seen: list[str] = []
    cursor = None
    while cursor or not seen:
        page = event_store.search(MatchAll(), EVERYTHING, limit=300, cursor=cursor)
        seen.extend(_ids(page.events))
        cursor = page.next_cursor
    assert seen == _ids(events)[::-1]


def test_paging_is_stable_while_events_arrive(event_store: EventStore, make_event: MakeEvent) -> None:
    events = [make_event(number * 2) for number in range(40)]
    event_store.write(events)
    first = event_store.search(MatchAll(), EVERYTHING, limit=15)
    event_store.write([make_event(number * 2 + 1) for number in range(60)])
    seen, cursor = first.events, first.next_cursor
    while cursor:
        page = event_store.search(MatchAll(), EVERYTHING, limit=15, cursor=cursor)
        seen, cursor = [*seen, *page.events], page.next_cursor
    stamps = [str(event["@timestamp"]) for event in seen]
    assert stamps == sorted(set(stamps), reverse=True)
    assert set(_ids(events)) <= set(_ids(seen))


def test_get_returns_what_is_held_in_the_order_asked(event_store: EventStore, make_event: MakeEvent) -> None:
    events = [make_event(number) for number in range(30)]
    event_store.write(events)
    wanted = _ids([events[9], events[29], events[0]])
    assert _ids(event_store.get([wanted[0], "absent", *wanted[1:]])) == wanted
    assert event_store.get(wanted, Window(None, BASE_MS + 1)) == [events[0]]


def test_words_are_found_in_any_script(event_store: EventStore, make_event: MakeEvent) -> None:
    texts = ["用户张三登录失败3次", "User root LOGIN failed", "données_volées", "hash " + "ab" * 32, "登陆成功"]
    event_store.write([make_event(number, message=text) for number, text in enumerate(texts)])
    expected = {
        "登录": [0], "张三登录": [0], "登": [0, 4], "message:失败3次": [0], "login": [1], '"root login"': [1],
        '"login root"': [], "volées": [2], "ab" * 32: [3], "fail*": [1], "message:log?n": [1], '"失败登录"': [],
    }  # fmt: skip
    for text, numbers in expected.items():
        assert _found(event_store, text) == [make_event(number)["event.id"] for number in numbers], text


def test_damaged_cursors_and_wrong_limits_are_refused(event_store: EventStore) -> None:
    for cursor in ("", "x", "WzFd", "bnVsbA", "WzEsMl0", "é"):
        with pytest.raises(CursorError, match="start the search again"):
            event_store.search(MatchAll(), EVERYTHING, cursor=cursor)
    with pytest.raises(QueryError, match="limit"):
        event_store.search(MatchAll(), EVERYTHING, limit=0)


def test_an_empty_store_answers_everything(event_store: EventStore) -> None:
    page = event_store.search(parse_query("a*"), EVERYTHING)
    assert (page.events, page.total, page.next_cursor) == ([], 0, None)
    assert event_store.get(["x"]) == []
    assert event_store.days() == []
    answer = event_store.aggregate(
        MatchAll(), EVERYTHING, {"t": {"terms": {"field": "user.name"}}, "m": {"max": {"field": "source.port"}}}
    )
    empty = {"doc_count_error_upper_bound": 0, "sum_other_doc_count": 0, "buckets": []}
    assert json.loads(json.dumps(answer)) == {"t": empty, "m": {"value": None}}
