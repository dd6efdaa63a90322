"""Aggregations over several days and classes, against figures counted by hand in Python."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from events import Event, format_timestamp
from store import EventStore, QueryError, Window, parse_query
from store.query import MatchAll

from .conftest import BASE_MS, MakeEvent, NewStore

HOUR_MS = 3_600_000
USERS = ["Alice", "bob", "Carol", "bob", "bob"]


@pytest.fixture(scope="module")
def events(make_event: MakeEvent) -> list[Event]:
    listed = []
    for number in range(120):
        event = make_event(
            number, source__port=number % 7, source__ip=f"10.0.0.{number % 3}", app__color=f"C{number % 4}"
        )
        event["event.dataset"] = "gateway.access" if number % 5 == 0 else "test.log"
        if number % 6:
            event["user.name"] = USERS[number % 5]
        listed.append(event)
    return listed


@pytest.fixture(scope="module")
def filled(new_store: NewStore, events: list[Event]) -> Iterator[EventStore]:
    with new_store() as store:
        store.write(events)
        yield store


def _one(store: EventStore, request: dict[str, Any], text: str = "") -> Any:  # noqa: ANN401 (JSON)
    return store.aggregate(parse_query(text), Window(), {"a": request})["a"]


def _counts(answer: Any) -> dict[Any, int]:  # noqa: ANN401 (JSON)
    return {bucket["key"]: bucket["doc_count"] for bucket in answer["buckets"]}


@pytest.mark.parametrize("field", ["user.name", "app.color", "source.port", "source.ip", "event.dataset"])
def test_terms_count_every_value(filled: EventStore, events: list[Event], field: str) -> None:
    expected = Counter(
        value.lower() if isinstance(value := event[field], str) else value for event in events if field in event
    )
    answer = _one(filled, {"terms": {"field": field, "size": 50}})
    assert _counts(answer) == dict(expected)
    assert list(_counts(answer).values()) == sorted(expected.values(), reverse=True)
    assert (answer["doc_count_error_upper_bound"], answer["sum_other_doc_count"]) == (0, 0)


def test_terms_are_cut_ordered_and_filled_as_asked(filled: EventStore, events: list[Event]) -> None:
    top = _one(filled, {"terms": {"field": "user.name", "size": 1, "missing": "nobody"}})
    expected = Counter(str(event.get("user.name", "nobody")).lower() for event in events)
    assert _counts(top) == dict(expected.most_common(1))
    assert top["sum_other_doc_count"] == 120 - expected.most_common(1)[0][1]
    by_key = _one(filled, {"terms": {"field": "user.name", "order": {"_key": "desc"}, "min_doc_count": 2}})
    assert [bucket["key"] for bucket in by_key["buckets"]] == ["carol", "bob", "alice"]


def test_what_stands_below_a_bucket_is_of_its_events_alone(filled: EventStore, events: list[Event]) -> None:
    below = {
        "highest": {"max": {"field": "source.port"}},
        "addresses": {"terms": {"field": "source.ip"}},
        "last": {"top_hits": {"size": 2, "sort": [{"@timestamp": {"order": "desc"}}], "_source": ["source.port"]}},
        "access": {"filter": {"term": {"event.dataset": "gateway.access"}}},
    }
    answer = _one(filled, {"terms": {"field": "app.color"}, "aggs": below})
    for bucket in answer["buckets"]:
        own = [event for event in events if str(event["app.color"]).lower() == bucket["key"]]
        assert bucket["highest"]["value"] == max(int(str(event["source.port"])) for event in own)
        assert _counts(bucket["addresses"]) == dict(Counter(event["source.ip"] for event in own))
        assert bucket["access"]["doc_count"] == sum(event["event.dataset"] == "gateway.access" for event in own)
        hits = bucket["last"]["hits"]
        assert [hit["_id"] for hit in hits["hits"]] == [event["event.id"] for event in own[:-3:-1]]
        assert hits["hits"][0]["_source"] == {"source.port": own[-1]["source.port"]}
        assert hits["total"]["value"] == len(own)


@pytest.mark.parametrize(
    ("options", "zone_ms", "interval_ms"),
    [
        ({"fixed_interval": "6h"}, 0, 6 * HOUR_MS),
        ({"calendar_interval": "day"}, 0, 24 * HOUR_MS),
        ({"calendar_interval": "day", "time_zone": "+08:00"}, 8 * HOUR_MS, 24 * HOUR_MS),
        ({"calendar_interval": "1d", "time_zone": "Asia/Shanghai"}, 8 * HOUR_MS, 24 * HOUR_MS),
        ({"calendar_interval": "week"}, -4 * 24 * HOUR_MS, 7 * 24 * HOUR_MS),
        ({"fixed_interval": "1d", "offset": "+2h"}, -2 * HOUR_MS, 24 * HOUR_MS),
    ],
)
def test_a_date_histogram_starts_its_intervals_where_asked(
    filled: EventStore, options: dict[str, str], zone_ms: int, interval_ms: int
) -> None:
    moments = [BASE_MS + number * HOUR_MS for number in range(120)]
    expected = Counter((moment + zone_ms) // interval_ms * interval_ms - zone_ms for moment in moments)
    answer = _one(filled, {"date_histogram": {"field": "@timestamp", **options}})
    assert _counts(answer) == dict(expected)
    assert [bucket["key_as_string"] for bucket in answer["buckets"]] == [
        format_timestamp(key) for key in sorted(expected)
    ]


def test_a_histogram_fills_its_gaps_unless_told_otherwise(filled: EventStore) -> None:
    gap = "source.port:0 OR source.port:6"
    filled_up = _one(filled, {"histogram": {"field": "source.port", "interval": 2}}, gap)
    assert _counts(filled_up) == {0: 18, 2: 0, 4: 0, 6: 17}
    assert _counts(_one(filled, {"histogram": {"field": "source.port", "interval": 2, "min_doc_count": 1}}, gap)) == {
        0: 18,
        6: 17,
    }
    bounds = {"min": format_timestamp(BASE_MS - 24 * HOUR_MS), "max": format_timestamp(BASE_MS)}
    request = {"field": "@timestamp", "fixed_interval": "1h", "extended_bounds": bounds}
    assert len(_one(filled, {"date_histogram": request}, "nothing*")["buckets"]) == 25


def test_figures_of_numbers_and_dates(filled: EventStore, events: list[Event]) -> None:
    ports = [int(str(event["source.port"])) for event in events]
    stats = _one(filled, {"stats": {"field": "source.port"}})
    assert stats == {"count": 120, "min": 0, "max": 6, "avg": sum(ports) / 120, "sum": sum(ports)}
    assert _one(filled, {"avg": {"field": "source.port"}})["value"] == stats["avg"]
    assert _one(filled, {"max": {"field": "@timestamp"}})["value"] == BASE_MS + 119 * HOUR_MS
    assert _one(filled, {"value_count": {"field": "user.name"}})["value"] == 100
    assert _one(filled, {"cardinality": {"field": "user.name"}}) == {"value": 3}


def test_ranges_and_filters_are_buckets_of_their_own(filled: EventStore) -> None:
    ranges = [{"to": 2}, {"from": 2, "to": 5}, {"key": "high", "from": 5}]
    answer = _one(filled, {"range": {"field": "source.port", "ranges": ranges}})
    assert _counts(answer) == {"*-2": 35, "2-5": 51, "high": 34}
    midnight = "2023-11-15"
    dates = _one(filled, {"date_range": {"field": "@timestamp", "ranges": [{"to": midnight}, {"from": midnight}]}})
    assert list(_counts(dates).values()) == [2, 118]
    named = {"low": {"range": {"source.port": {"lt": 2}}}, "text": {"query_string": {"query": "user.name:bob"}}}
    both = {"bool": {"must": [named["low"]], "must_not": [named["text"]]}}
    buckets = _one(filled, {"filters": {"filters": {**named, "both": both}}})["buckets"]
    low_bobs = _one(filled, {"filter": named["low"], "aggs": {"b": {"filter": named["text"]}}})
    assert low_bobs["doc_count"] == buckets["low"]["doc_count"] == 35
    assert buckets["both"]["doc_count"] == 35 - low_bobs["b"]["doc_count"]


def test_composite_pages_cover_every_combination_once(filled: EventStore, events: list[Event]) -> None:
    sources = [
        {"day": {"date_histogram": {"field": "@timestamp", "calendar_interval": "day", "order": "desc"}}},
        {"color": {"terms": {"field": "app.color"}}},
        {"port": {"terms": {"field": "source.port"}}},
    ]
    seen: list[tuple[dict[str, Any], int]] = []
    after = None
    while True:
        request = {"size": 25, "sources": sources, **({"after": after} if after else {})}
        answer = _one(filled, {"composite": request})
        seen.extend((bucket["key"], bucket["doc_count"]) for bucket in answer["buckets"])
        after = answer.get("after_key")
        if after is None:
            break
    keys = [(-key["day"], key["color"], key["port"]) for key, _count in seen]
    assert keys == sorted(set(keys))
    day = [(BASE_MS + number * HOUR_MS) // (24 * HOUR_MS) * (24 * HOUR_MS) for number in range(120)]
    expected = Counter((-day[n], f"c{n % 4}", n % 7) for n in range(len(events)))
    assert dict(zip(keys, (count for _key, count in seen), strict=True)) == dict(expected)


@pytest.mark.parametrize(
    ("request_body", "words"),
    [
        ({"percentiles": {"field": "source.port"}}, "isn't supported"),
        ({"terms": {"field": "user.name", "include": "a.*"}}, "include"),
        ({"terms": {"field": "message"}}, "can't be aggregated"),
        ({"terms": {}}, "name the field"),
        ({"terms": {"field": "user.name", "order": {"x": "asc"}}}, "_count or _key"),
        ({"avg": {"field": "user.name"}}, "no number"),
        ({"date_histogram": {"field": "@timestamp", "calendar_interval": "month"}}, "minute, hour, day or week"),
        ({"date_histogram": {"field": "@timestamp", "fixed_interval": "1d", "time_zone": "Europe/Berlin"}}, "daylight"),
        ({"date_histogram": {"field": "@timestamp", "fixed_interval": "1ms"}}, "longer interval"),
        ({"max": {"field": "source.port"}, "aggs": {"x": {"max": {"field": "source.port"}}}}, "no buckets"),
        ({"filter": {"match": {"message": "a"}}}, "one clause of"),
        ({"top_hits": {"sort": [{"user.name": "asc"}]}}, "@timestamp"),
        ("terms", "an object"),
    ],
)
def test_what_is_not_supported_is_refused_by_name(filled: EventStore, request_body: object, words: str) -> None:
    with pytest.raises(QueryError, match=words):
        filled.aggregate(MatchAll(), Window(), {"a": request_body})
