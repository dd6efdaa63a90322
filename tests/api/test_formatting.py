"""How values look on a page, and the queries that pages write."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.console.event_view import event_view
from api.console.formatting import (
    attack_name,
    duration,
    event_line,
    half,
    half_of_lines,
    hex_dump,
    text_preview,
    time_element,
    url,
    value_text,
    zone_name,
)
from api.console.query_text import clause, excluding, including
from api.moments import TimeRange, parse_moment
from events import field_table, now_ms
from store.query import And, Not, Term, parse_query


def test_times_are_in_the_installations_zone_with_utc_beside() -> None:
    element = str(time_element(1_767_225_600_123, ZoneInfo("Asia/Shanghai"), precise=True))
    assert ">2026-01-01 08:00:00.123<" in element
    assert 'title="2026-01-01 00:00:00.123 UTC"' in element


@pytest.mark.parametrize(
    ("event", "line"),
    [
        ({"message": "said"}, "said"),
        ({"event.action": "get", "user.name": "amy", "event.original": "{}"}, "get · amy"),
        ({"event.original": "{raw}"}, "{raw}"),
        ({}, ""),
    ],
)
def test_an_event_has_a_line(event: dict[str, str], line: str) -> None:
    assert event_line(event) == line


def test_the_view_names_only_fields_of_the_table() -> None:
    table = field_table()
    assert [name for name in (*event_view().facets, *event_view().line) if table.type_of(name) is None] == []


def test_values_are_written_as_queries_name_them() -> None:
    assert value_text([True, None, 3, "x"]) == "true, , 3, x"


@pytest.mark.parametrize(
    ("tag", "name"),
    [
        ("attack.t1059.001", "T1059.001"),
        ("attack.credential-access", "Credential access"),
        ("attack.of-no-matrix", "of no matrix"),
        ("attack.g0007", "G0007"),
        ("cve.2021-44228", "cve.2021-44228"),
    ],
)
def test_attack_tags_read_as_people_write_them(tag: str, name: str) -> None:
    assert attack_name(tag) == name


def test_a_tactic_has_a_name_in_each_language() -> None:
    assert attack_name("attack.persistence", "zh") == "持久化"


@pytest.mark.parametrize(
    ("text", "chinese", "english"),
    [
        ("删除了轨迹。\nA trail was deleted.\nIt is gone.\n", "删除了轨迹。", "A trail was deleted.\nIt is gone."),
        ("删除 / Deleted", "删除", "Deleted"),
        ("Deleted.\n删除 on a\nthen b", "Deleted.\n删除 on a\nthen b", "Deleted.\n删除 on a\nthen b"),
        ("", "", ""),
    ],
)
def test_of_a_text_in_two_languages_its_reader_sees_theirs(text: str, chinese: str, english: str) -> None:
    assert (half_of_lines(text, "zh"), half_of_lines(text, "en")) == (chinese, english)


def test_a_zone_tells_its_distance_from_utc() -> None:
    assert zone_name(ZoneInfo("Asia/Shanghai"), 0) == "Asia/Shanghai (UTC+08:00)"


@pytest.mark.parametrize(("ms", "text"), [(None, "—"), (0, "0 ms"), (1500, "1.5 s"), (7_200_000, "2.0 h")])
def test_durations(ms: int | None, text: str) -> None:
    assert duration(ms) == text


@given(st.binary(max_size=64))
def test_any_bytes_can_be_looked_at(raw: bytes) -> None:
    assert isinstance(text_preview(raw), str)
    shown = "".join(line[10:57] for line in hex_dump(raw).split("\n") if line)
    assert bytes.fromhex(shown) == raw


def test_addresses_leave_out_what_asks_for_nothing() -> None:
    assert url("/alerts", state=["new", "closed"], text="", cursor=None) == "/alerts?state=new&state=closed"
    assert url("/search", q='a:"b"', from_="now-1h") == "/search?q=a%3A%22b%22&from=now-1h"


@given(st.text(min_size=1, max_size=40))
def test_a_clause_finds_just_its_value(value: str) -> None:
    assert parse_query(clause("user.name", value)) == Term("user.name", value)


@given(st.sampled_from(["a", "a OR b", "(a OR b) AND c", 'user.name:"x OR y"']), st.text(min_size=1, max_size=9))
def test_a_pivot_narrows_whatever_stood_there(query: str, value: str) -> None:
    part = Term("user.name", value)
    included = parse_query(including(query, clause("user.name", value)))
    excluded = parse_query(excluding(query, clause("user.name", value)))
    assert isinstance(included, And)
    assert included.parts[-1] == part
    assert isinstance(excluded, And)
    assert excluded.parts[-1] == Not(part)


@pytest.mark.parametrize(("text", "ago"), [("now", 0), ("now-15m", 900_000), ("now-7d", 604_800_000)])
def test_relative_moments(text: str, ago: int) -> None:
    assert abs(now_ms() - ago - parse_moment(text)) < 5_000


@pytest.mark.parametrize("text", ["", "tomorrow", "now-5y", "now+1h", "2026-13-01T00:00:00Z", "now-9999999d"])
def test_what_is_no_moment_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no time"):
        parse_moment(text)


def test_a_range_is_half_open_and_in_order() -> None:
    window = TimeRange("2026-01-01T08:00:00", "2026-01-01T09:00:00", ZoneInfo("Asia/Shanghai")).window()
    assert (window.start_ms, window.end_ms) == (1_767_225_600_000, 1_767_229_200_000)
    with pytest.raises(ValueError, match="before it starts"):
        TimeRange("now", "now-1h").window()


@pytest.mark.parametrize(
    ("text", "zh", "en"),
    [
        ("甲 / A", "甲", "A"),
        ("甲 / A: 乙 / B", "甲: 乙", "A: B"),
        ("甲 / 乙", "甲 / 乙", "甲 / 乙"),
        ("TCP / UDP", "TCP / UDP", "TCP / UDP"),
        ("甲 / A / B", "甲 / A / B", "甲 / A / B"),
        ("", "", ""),
    ],
)
def test_a_text_in_both_languages_shows_the_readers_half(text: str, zh: str, en: str) -> None:
    assert (half(text, "zh"), half(text, "en")) == (zh, en)
