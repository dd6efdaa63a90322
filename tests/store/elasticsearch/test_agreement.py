"""Both engines hold the same 50,000 recorded events, and answer every query and every aggregation alike."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from collectors.walk import log_files
from events import Event, FieldType, field_table, values_of
from fengsui.offline import ReadOptions, read_files
from store import EmbeddedEventStore, EventStore, Page, Window
from store.query import And, Cidr, Exists, MatchAll, Not, Or, Query, Range, Regex, Term, Wildcard
from store.query.patterns import escape_regex, literal_pattern, regex_problem
from store.query.values import typed_form, words
from tests.store.conftest import POLICY

from .installations import store_in_cluster

EVENTS, OF_ONE_FILE, BATCH, PAGE = 50_000, 1_200, 5_000, 100
SLOW = {"phases": [Phase.explicit, Phase.reuse, Phase.generate]}  # a clause is small enough as it is found
_TEXTS = ("message", "event.original")
_KEYED = (None, FieldType.KEYWORD)
_ORDERED = (*_KEYED, FieldType.LONG, FieldType.IP, FieldType.DATE)

pytestmark = [pytest.mark.services, pytest.mark.shared_data, pytest.mark.timeout(900)]


@dataclass(frozen=True)
class Engines:
    """The same events in both engines."""

    events: list[Event]
    embedded: EventStore
    cluster: EventStore


def _recorded(folder: Path) -> list[Event]:
    """Events of as many kinds as there are: not more than so many of one file."""
    events: dict[str, Event] = {}
    for path in log_files([folder]):
        of_file = (event for batch in read_files([path], ReadOptions()) for event in batch.events)
        events |= {str(event["event.id"]): event for event in itertools.islice(of_file, OF_ONE_FILE)}
        if len(events) >= EVENTS:
            break
    return list(events.values())[:EVENTS]


@pytest.fixture(scope="module")
def engines(elasticsearch: str, shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engines]:
    events = _recorded(shared_data / "otrf")
    with ExitStack() as stack:
        embedded = EmbeddedEventStore(tmp_path_factory.mktemp("events"), "write", POLICY)
        stack.callback(embedded.close)
        cluster = stack.enter_context(store_in_cluster(elasticsearch, POLICY))
        for start in range(0, len(events), BATCH):
            batch = events[start : start + BATCH]
            first, second = embedded.write(batch), cluster.write(batch)
            assert (second.created, second.rejected) == (first.created, first.rejected) == (len(batch), [])
        yield Engines(events, embedded, cluster)


@st.composite
def _leaf(draw: st.DrawFn, events: list[Event]) -> Query:
    """A clause about a value that some event has, or nearly has."""
    event = draw(st.sampled_from(events))
    field = draw(st.sampled_from(sorted(event)))
    kind = field_table().type_of(field)
    values = [value for value in values_of(event[field]) if value is not None]
    text = str(draw(st.sampled_from(values))) if values else ""
    text = draw(st.sampled_from([text, text.upper(), text.lower()]))[:300]
    if kind is FieldType.TEXT:
        return _prose(draw, draw(st.sampled_from([field, None])), words(text))
    shapes = ["term", "exists", "start", "end", "inside", "regex"]
    shapes += ["range"] if kind in _ORDERED else []
    shapes += ["network"] if typed_form(FieldType.IP, text) else []
    shape = draw(st.sampled_from(shapes))
    start = draw(st.integers(0, max(len(text) - 1, 0)))
    piece = literal_pattern(text[start : start + draw(st.integers(1, 12))])
    if shape == "range":
        return _range(draw, field, text, kind)
    if shape == "network":
        return Cidr(field, f"{text.partition('%')[0]}/{draw(st.sampled_from([8, 16, 24, 32]))}")
    if shape == "regex":
        head = escape_regex(text[: draw(st.integers(0, 8))])
        return Regex(field, f"{head}.*") if not regex_problem(f"{head}.*") else Exists(field)
    patterns = {"start": f"{literal_pattern(text[: start + 1])}*", "end": f"*{piece}", "inside": f"*{piece}*"}
    if shape in patterns:
        return Wildcard(field, patterns[shape])
    return Exists(field) if shape == "exists" else Term(field, text)


def _prose(draw: st.DrawFn, field: str | None, held: list[str]) -> Query:
    if not held:
        return Term(field, "absent")
    start = draw(st.integers(0, len(held) - 1))
    chosen = held[start : start + draw(st.integers(1, 4))]
    if draw(st.booleans()):
        return Term(field, " ".join(chosen))
    return Wildcard(field, f"{literal_pattern(chosen[0][:3])}*")


def _range(draw: st.DrawFn, field: str, text: str, kind: FieldType | None) -> Query:
    fits = kind is None or kind is FieldType.KEYWORD or typed_form(kind, text) is not None
    bound = text if fits else None
    other = draw(st.sampled_from([None, bound, "4000" if kind is FieldType.LONG or kind in _KEYED else None]))
    sides = (bound, other) if draw(st.booleans()) else (other, bound)
    return Range(field, *sides, include_lower=draw(st.booleans()), include_upper=draw(st.booleans()))


def _queries(events: list[Event]) -> st.SearchStrategy[Query]:
    leaf = _leaf(events)
    return st.one_of(
        leaf,
        st.lists(leaf, min_size=2, max_size=3).map(lambda parts: And(tuple(parts))),
        st.lists(leaf, min_size=2, max_size=3).map(lambda parts: Or(tuple(parts))),
        st.tuples(leaf, leaf).map(lambda pair: And((pair[0], Not(pair[1])))),
        leaf.map(Not),
    )


def _ids(page: Page) -> list[str]:
    return [str(event["event.id"]) for event in page.events]


@settings(max_examples=150, **SLOW)
@given(data=st.data())
def test_a_query_finds_the_same_ids_in_both(engines: Engines, data: st.DataObject) -> None:
    query = data.draw(_queries(engines.events))
    order = data.draw(st.sampled_from(["newest", "oldest"]))
    first, second = (
        store.search(query, Window(), limit=PAGE, order=order) for store in (engines.embedded, engines.cluster)
    )
    assert (second.incomplete, second.total_is_exact) == (None, True)
    if first.incomplete is None:
        assert _ids(second) == _ids(first)
        assert second.total == first.total if first.total_is_exact else second.total >= first.total


def test_every_event_comes_back_as_it_was_written(engines: Engines) -> None:
    written = {str(event["event.id"]): event for event in engines.events}
    cursor, seen, last = None, 0, ("", "")
    while cursor or not seen:
        page = engines.cluster.search(MatchAll(), Window(), limit=5_000, order="oldest", cursor=cursor)
        assert page.total == EVENTS
        for event in page.events:
            place = (str(event["@timestamp"]), str(event["event.id"]))
            assert event == written[place[1]]
            assert place > last
            last = place
        seen, cursor = seen + len(page.events), page.next_cursor
    assert seen == EVENTS


@st.composite
def _aggregations(draw: st.DrawFn, events: list[Event]) -> dict[str, Any]:
    names = sorted(
        {name for event in draw(st.lists(st.sampled_from(events), min_size=1, max_size=3)) for name in event}
    )
    table = field_table()
    keyed = [name for name in names if table.type_of(name) in _KEYED and name != "event.id"]
    numbers = [name for name in names if table.type_of(name) in (FieldType.LONG, FieldType.DATE)]
    field, number = draw(st.sampled_from(keyed)), draw(st.sampled_from(numbers))
    per_day = {"date_histogram": {"field": "@timestamp", "calendar_interval": "day", "min_doc_count": 1}}
    figures = {"figures": {"stats": {"field": number}}, "held": {"value_count": {"field": number}}}
    terms = {"terms": {"field": field, "size": draw(st.integers(1, 30))}}
    return draw(
        st.sampled_from(
            [
                terms | {"aggs": figures},
                terms | {"aggs": {"days": per_day}},
                {"terms": {"field": draw(st.sampled_from(_listed(names))), "order": {"_key": "desc"}}},
                {
                    "terms": {"field": field, "missing": "(none)", "size": 5},
                    "aggs": {"c": {"cardinality": {"field": number}}},
                },
                per_day | {"aggs": {"top": terms}},
                {"cardinality": {"field": field}},
                {"composite": {"size": 50, "sources": [{"a": {"terms": {"field": field}}}]}},
                {"filter": {"exists": {"field": field}}, "aggs": {"last": {"top_hits": {"size": 2}}}},
                {"date_histogram": {"field": "@timestamp", "fixed_interval": "7d", "time_zone": "+08:00"}},
            ]
        )
    )


def _listed(names: list[str]) -> list[str]:
    """The fields whose values can be listed."""
    return [name for name in names if field_table().type_of(name) is not FieldType.TEXT and name != "event.id"]


@settings(max_examples=80, **SLOW)
@given(data=st.data())
def test_an_aggregation_gives_the_same_figures_in_both(engines: Engines, data: st.DataObject) -> None:
    request = {"a": data.draw(_aggregations(engines.events))}
    query = data.draw(st.one_of(st.just(MatchAll()), _leaf(engines.events)))
    expected = engines.embedded.aggregate(query, Window(), request)
    assert _alike(engines.cluster.aggregate(query, Window(), request), expected)


def _alike(found: Any, expected: Any) -> bool:  # noqa: ANN401 (JSON)
    """Whether answers are the same but for the last digits of sums, and for what is told to be an estimate."""
    if isinstance(found, dict) and isinstance(expected, dict):
        if found.get("value_is_estimate"):
            return bool(found["value"] == pytest.approx(expected["value"], rel=0.05))
        return set(found) == set(expected) and all(_alike(found[name], expected[name]) for name in found)
    if isinstance(found, list) and isinstance(expected, list):
        return len(found) == len(expected) and all(map(_alike, found, expected))
    if isinstance(found, float) or isinstance(expected, float):
        return bool(found == pytest.approx(expected, rel=1e-9))
    return bool(found == expected)
