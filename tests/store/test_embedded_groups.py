"""What events of a shape have in common is one term of the embedded index, and found as if each value were one."""

from __future__ import annotations

from collections import Counter
from contextlib import closing

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from events import Event, format_timestamp, values_of
from store import EmbeddedEventStore, Window
from store.embedded.groups import KnownGroups
from store.embedded.shape import shapes_with
from store.query import Exists, MatchAll, Not, Query, Range, Regex, Term, Wildcard, evaluate
from store.query.values import keyword_form

from .conftest import BASE_MS

FIELDS = ("event.module", "app.tags", "app.level", "message", "event.original")
_steady = st.sampled_from(
    ["root", "Root", "a b", "80", "x\x1ey", "x", "\x04", ["root", "A b"], ["root"], "['root']", 80]
)
_varying = st.one_of(_steady, st.sampled_from([1, True, None, "q" * 600, [], ["root", None]]))
_texts = st.sampled_from(["root a", "logon", None, 80, ["root a", "b"]])
_event = st.builds(
    lambda module, tags, level, texts: dict(zip(FIELDS, (module, tags, level, *texts), strict=True)),
    _steady,
    st.one_of(_steady, st.just(["root", "A b"])),
    _varying,
    st.tuples(_texts, _texts),
)
_word = st.sampled_from(["root", "a b", "80", "x\x1ey", "\x04", "true", "1", "['root']", "q" * 600, "a", "root a"])
_pattern = st.lists(st.sampled_from(["*", "?", "root", " ", "\x04", "8", "['", "q"]), max_size=4).map("".join)
_field = st.sampled_from(FIELDS)
_queries: st.SearchStrategy[Query] = st.one_of(
    st.builds(Term, _field, _word),
    st.builds(Wildcard, _field, _pattern),
    st.builds(Regex, _field, st.sampled_from([".*oot", "[a-z ]+", "[^ ]+", "(a b|root)", "[!-~]+", "80"])),
    st.builds(Exists, _field),
    st.builds(Range, st.sampled_from(FIELDS[:3]), st.sampled_from(["a", "10", None]), st.sampled_from(["q", "90"])),
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(
    values=st.lists(_event, min_size=2, max_size=12),
    queries=st.lists(st.one_of(_queries, _queries.map(Not)), min_size=6, max_size=10),
    learned=st.sampled_from([(1, 0), (1, 1), (2, 16)]),
)
def test_groups_are_searched_and_counted_exactly(
    tmp_path_factory: pytest.TempPathFactory,
    values: list[dict[str, object]],
    queries: list[Query],
    learned: tuple[int, int],
) -> None:
    events: list[Event] = [
        {"@timestamp": format_timestamp(BASE_MS + number), "event.id": f"{number:032x}", **fields}  # type: ignore[dict-item]
        for number, fields in enumerate(values)
    ]
    with (
        pytest.MonkeyPatch.context() as patch,
        closing(EmbeddedEventStore(tmp_path_factory.mktemp("store"), "write")) as store,
    ):
        patch.setattr("store.embedded.shape._LEARNED_FROM", learned[0])
        patch.setattr("store.embedded.shape._MOST_GROUPS", learned[1])
        patch.setattr("store.embedded.groups.KNOWN_GROUPS", KnownGroups())
        shapes_with.cache_clear()
        assert store.write(events).created == len(events)
        assert store.search(MatchAll(), Window(), order="oldest").events == events
        for query in queries:
            expected = [event for event in events if evaluate(query, event)]
            page = store.search(query, Window(), order="oldest")
            assert page.events == expected, query
            assert (page.total, page.total_is_exact) == (len(expected), True)
            requests = {name: {"terms": {"field": name, "size": 100}} for name in FIELDS[:3]}
            answer = store.aggregate(query, Window(), requests)
            for name in FIELDS[:3]:
                assert _buckets(answer[name]) == _values_of_each(expected, name), (query, name)
    shapes_with.cache_clear()


def _buckets(answer: object) -> Counter[str]:
    return Counter({bucket["key"]: bucket["doc_count"] for bucket in answer["buckets"]})  # type: ignore[index]


def _values_of_each(events: list[Event], field: str) -> Counter[str]:
    """The values of a field with the number of events that have each."""
    forms = [{keyword_form(value) for value in values_of(event.get(field))} for event in events]
    return Counter(form for each in forms for form in each if form is not None)
