"""The embedded engine's own layout: values too long to be terms, words without places, layouts of other versions."""

from __future__ import annotations

from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from events import Event, Value, format_timestamp
from store import EmbeddedEventStore, StoreError, Window, parse_query
from store.embedded import upgrade_indexes
from store.embedded.long_values import LongValues
from store.embedded.pairs import field_term, holds_stand_ins, pair, present
from store.embedded.value_terms import ValueTerms
from store.query import Exists, MatchAll, Not, Query, Range, Regex, Term, Wildcard, evaluate
from store.query.values import keyword

from .conftest import BASE_MS, MakeEvent
from .earlier_layouts import make_earlier_day

FIELDS = ("powershell.file.script_block_text", "app.custom", "user.name", "source.port", "event.original", "message")
_filling = st.sampled_from(["ab-", "x y\n", "登录", "\x04", "Äö", "q" * 300 + " "])
_long = st.builds(
    lambda head, filling, number, tail: head + filling * number + tail,
    st.sampled_from(["Invoke-", "powershell ", "", "\x1e"]),
    _filling,
    st.sampled_from([1, 2, 200, 400]),
    st.sampled_from(["Mimikatz", " end", "\t", "x\x0fy"]),
)
_short = st.sampled_from(["root", "a b", "line\nbreak", "tab\t", "\x04", " ", "x\x1ey", "80", "root a b", "b root"])
_value = st.one_of(_short, _long, st.lists(st.one_of(_short, _long, st.none(), st.integers(0, 90)), max_size=3))
_pattern = st.lists(
    st.sampled_from(["*", "?", "mimi", "katz", "invoke-", " ", "\n", "\x04", "ab", "q", "登", "root", "end"]),
    max_size=5,
).map("".join)
_expression = st.sampled_from([".*katz", "[a-z ]+", "[^ ]+", "(a b|root)", "x.y", "a.b", ".*[\x04].*", "[!-~]+", "80"])
_text = st.sampled_from(["a b", "root a", "x y", "ab ab", "登录登", "mimikatz", "line\nbreak", "b root", "q", "a"])
_queries: st.SearchStrategy[Query] = st.one_of(
    st.builds(Wildcard, st.sampled_from(FIELDS), _pattern),
    st.builds(Regex, st.sampled_from(FIELDS), _expression),
    st.builds(Term, st.sampled_from(FIELDS), st.one_of(_short, _long, _text)),
    st.builds(Term, st.none(), _text),
    st.builds(Exists, st.sampled_from(FIELDS)),
    st.builds(Range, st.sampled_from(FIELDS[1:3]), st.sampled_from(["a", "10", None]), st.sampled_from(["q", "90"])),
)


@settings(max_examples=25)
@given(
    values=st.lists(st.dictionaries(st.sampled_from(FIELDS), _value, max_size=4), min_size=1, max_size=6),
    queries=st.lists(st.one_of(_queries, _queries.map(Not)), min_size=15, max_size=25),
    few=st.sampled_from([0, 300]),
)
def test_long_values_and_words_without_places_are_searched_exactly(
    tmp_path_factory: pytest.TempPathFactory, values: list[dict[str, Value]], queries: list[Query], few: int
) -> None:
    events: list[Event] = [
        {"@timestamp": format_timestamp(BASE_MS + number), "event.id": f"{number:032x}", **fields}
        for number, fields in enumerate(values)
    ]
    with (
        pytest.MonkeyPatch.context() as patch,
        closing(EmbeddedEventStore(tmp_path_factory.mktemp("store"), "write")) as store,
    ):
        patch.setattr("store.embedded.pair_search.FEW", few)
        patch.setattr("store.embedded.pair_search.LONG_VALUES", LongValues())
        assert store.write(events).created == len(events)
        assert store.search(MatchAll(), Window(), order="oldest").events == events
        for query in queries:
            expected = [event for event in events if evaluate(query, event)]
            page = store.search(query, Window(), order="oldest")
            assert page.events == expected, query
            assert (page.total, page.total_is_exact, page.incomplete) == (len(expected), True, None)
            counted = store.aggregate(query, Window(), {"n": {"value_count": {"field": "@timestamp"}}})
            assert counted == {"n": {"value": len(expected)}}


def test_buckets_show_long_values_as_they_are(tmp_path: Path, make_event: MakeEvent) -> None:
    scripts = ["Get-Item " * 100, "Get-Item " * 100, "short", "a\x04b", "x" * 600]
    events = [make_event(number, app__script=script) for number, script in enumerate(scripts)]
    with closing(EmbeddedEventStore(tmp_path, "write")) as store:
        store.write(events)
        request = {"terms": {"field": "app.script"}, "aggs": {"n": {"value_count": {"field": "@timestamp"}}}}
        asked = {"a": request, "c": {"cardinality": {"field": "app.script"}}}
        answer: dict[str, Any] = store.aggregate(MatchAll(), Window(), asked)
    buckets = answer["a"]["buckets"]
    assert {bucket["key"]: bucket["doc_count"] for bucket in buckets} == Counter(script.lower() for script in scripts)
    assert all(bucket["n"]["value"] == bucket["doc_count"] for bucket in buckets)
    assert answer["c"] == {"value": 4}


@settings(max_examples=30)
@given(text=st.text(st.characters(max_codepoint=0xFF), min_size=1, max_size=40), letters=st.data())
def test_words_of_western_texts_are_split_as_defined(
    tmp_path_factory: pytest.TempPathFactory, text: str, letters: st.DataObject
) -> None:
    event: Event = {"@timestamp": format_timestamp(BASE_MS), "event.id": "a", "message": text, "event.original": text}
    wanted = letters.draw(st.lists(st.sampled_from(sorted(set(text))), min_size=1, max_size=3).map("".join))
    with closing(EmbeddedEventStore(tmp_path_factory.mktemp("store"), "write")) as store:
        store.write([event])
        for query in (Term(None, wanted), Term("message", text), Term("event.original", text), Wildcard(None, "?")):
            assert store.search(query, Window()).total == evaluate(query, event), query


def test_a_phrase_in_raw_records_with_many_candidates_is_counted_as_far_as_is_quick(
    tmp_path: Path, make_event: MakeEvent, monkeypatch: pytest.MonkeyPatch
) -> None:
    events = [make_event(number, event__original="root and alice" if number % 2 else "alice") for number in range(40)]
    events += [make_event(100 + number, event__original="alice and root") for number in range(40)]
    monkeypatch.setattr("store.embedded.snapshot._MAX_COUNTED", 10)
    with closing(EmbeddedEventStore(tmp_path, "write")) as store:
        store.write(events)
        page = store.search(parse_query('event.original:"and alice"'), Window(), limit=50)
        assert page.events == [event for event in events[::-1] if event["event.original"] == "root and alice"]
        assert not page.total_is_exact
        assert page.incomplete is None
        monkeypatch.setattr("store.embedded.snapshot.MAX_LOOKED_AT", 10)
        cut = store.search(parse_query('event.original:"and alice"'), Window(), limit=50)
        assert "narrow the range" in str(cut.incomplete)
        with pytest.raises(StoreError, match="narrow the range"):
            store.aggregate(parse_query('event.original:"and alice"'), Window(), {"a": {"terms": {"field": "user.id"}}})


def test_an_earlier_layout_is_refused_until_it_is_upgraded(tmp_path: Path, make_event: MakeEvent) -> None:
    events = [make_event(number, moment_ms=BASE_MS + number // 3, user__name=f"u{number}") for number in range(600)]
    make_earlier_day(tmp_path, 1, events)
    with (
        closing(EmbeddedEventStore(tmp_path, "read")) as reader,
        pytest.raises(StoreError, match="fengsui store init"),
    ):
        reader.search(MatchAll(), Window())
    assert [(str(key.day), number) for key, number in upgrade_indexes(tmp_path)] == [("2023-11-14", 600)]
    assert list(upgrade_indexes(tmp_path)) == []
    with closing(EmbeddedEventStore(tmp_path, "write")) as store:
        assert store.search(parse_query("user.name:u59*"), Window()).total == 11
        assert store.write(events).existing == 600


def test_an_index_taken_away_for_its_successor_comes_back_after_a_crash(tmp_path: Path, make_event: MakeEvent) -> None:
    with closing(EmbeddedEventStore(tmp_path, "write")) as store:
        store.write([make_event(1)])
    [day] = (tmp_path / "standard").iterdir()
    day.rename(day.with_name(f".former-{day.name}"))
    with closing(EmbeddedEventStore(tmp_path, "write")) as store:
        assert store.write([make_event(1)]).existing == 1


def test_a_long_list_where_a_text_stood_before_is_kept_like_any_list(tmp_path: Path, make_event: MakeEvent) -> None:
    lists: list[Value] = ["text", ["a"] * 3, ["b"] * 600, "t" * 600]
    events = [make_event(number, moment_ms=BASE_MS + number, app__names=value) for number, value in enumerate(lists)]
    with closing(EmbeddedEventStore(tmp_path, "write")) as store:
        assert store.write(events).created == 4
        assert store.search(MatchAll(), Window(), order="oldest").events == events
        assert store.search(Term("app.names", "b"), Window()).events == [events[2]]


_awkward = st.sampled_from("aAΣσİẞ\x1e\x04 \n\x0b登é.'ʹ")


@settings(max_examples=300)
@given(st.lists(st.one_of(st.text(_awkward, max_size=4), st.text(max_size=6)), max_size=5))
def test_values_made_terms_together_are_those_made_one_by_one(values: list[str]) -> None:
    names = [f"Field {number}.ÄΣK" for number in range(len(values))]
    made = ValueTerms(names, ["others"], ["message"]).of(values, [values])
    alone = [pair(name, keyword(value)) for name, value in zip(names, values, strict=True)]
    if made == (None, []):
        assert any(len(value.lower()) != len(value) or holds_stand_ins(value) for value in values)
    else:
        others = [pair("others", keyword(value)) for value in values]
        assert made == ("\n".join([present("message"), *alone, *others]), [])


@given(st.lists(st.text(st.sampled_from("aAkKKÄäΣς \x07\x10\x11"), max_size=3), unique=True, min_size=2))
def test_names_of_fields_are_never_taken_for_one_another(names: list[str]) -> None:
    assert len({field_term(name).lower() for name in names}) == len(names)
