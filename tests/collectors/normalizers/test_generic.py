from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.normalizers.text_time import find_time_ms
from collectors.record import NormalizedBatch, Reason
from events import Event, format_timestamp

Run = Callable[..., NormalizedBatch]
One = Callable[..., Event]

LAYOUTS = (
    "%Y-%m-%dT%H:%M:%S.%f%z",
    "%Y/%m/%d %H:%M:%S.%f %z",
    "[%d/%b/%Y:%H:%M:%S %z]",
    "%a, %d %b %Y %H:%M:%S %z",
)
CHINA = timezone(timedelta(hours=8))


def test_a_document_stands_under_its_namespace(event_of: One) -> None:
    event = event_of({"ts": 1772186400.5, "msg": "hello", "Level": "WARN", "user": {"id": [1, 2]}})
    expected = {
        "@timestamp": "2026-02-27T10:00:00.500Z",
        "event.dataset": "generic.json",
        "event.module": "generic",
        "json.ts": 1772186400.5,
        "json.user.id": [1, 2],
        "log.level": "warn",
        "message": "hello",
    }
    assert {name: event.get(name) for name in expected} == expected


def test_a_document_that_is_ecs_keeps_its_names_but_not_ours(event_of: One) -> None:
    event = event_of(
        {"@timestamp": "2026-02-27T10:00:00Z", "ecs.version": "9.0", "user": {"name": "a"}, "fengsui": {"purpose": "x"}}
    )
    assert event["user.name"] == "a"
    assert event["json.fengsui.purpose"] == "x"
    assert "fengsui.purpose" not in event


@pytest.mark.parametrize(
    "document",
    [
        {"timestamp": "2026-02-27T10:00:00Z"},
        {"eventTime": "2026-02-27 18:00:00"},
        {"event_time": 1772186400},
        {"time": 1772186400000},
        {"ts": "1772186400000000"},
        {"Timestamp": 1772186400000000000},
        {"操作时间": "2026/2/27 18:00"},
        {"发生时间": "2026年2月27日 18:00:00"},
        {"date": "2026-02-27", "time": "18:00:00"},
        {"logtime": "20260227180000"},
        {"time": "27/Feb/2026:18:00:00 +0800"},
        {"time": 0.25, "created_at": "2026-02-27T10:00:00Z"},
        {"meta": {"timestamp": "2026-02-27T10:00:00Z"}},
    ],
)
def test_times_of_documents(event_of: One, document: dict[str, Any]) -> None:
    assert event_of(document, zone=CHINA)["@timestamp"] == "2026-02-27T10:00:00.000Z"


@pytest.mark.parametrize("document", [{}, {"a": 1}, {"time": "soon"}, {"time": None}, {"timestamp": True}])
def test_a_document_without_time_is_a_dead_letter(run: Run, document: dict[str, Any]) -> None:
    assert [letter.reason for letter in run(document).dead_letters] == [Reason.NO_TIME]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("2026-02-27 18:00:00, Info  CBS  Loaded", "2026-02-27T10:00:00.000Z"),
        ("[2026-02-27T18:00:00,123] INFO up", "2026-02-27T10:00:00.123Z"),
        ("[2026-02-27T10:00:00.123Z] INFO up", "2026-02-27T10:00:00.123Z"),
        ("api.log.1.2026-01-01_13:53:08 2026-02-27 18:00:00.008 257 INFO x", "2026-02-27T10:00:00.008Z"),
        ("20260227-18:00:00:606|step", "2026-02-27T10:00:00.606Z"),
        ("2026年2月27日18:00:00 登录成功", "2026-02-27T10:00:00.000Z"),
        ("Fri Feb 27 18:00:00 2026 started", "2026-02-27T10:00:00.000Z"),
        ("Feb 27, 2026 6:00:00 PM started", "2026-02-27T10:00:00.000Z"),
        ("1772186400.123 77 10.0.0.1 TCP_MISS", "2026-02-27T10:00:00.123Z"),
    ],
)
def test_times_of_lines(event_of: One, line: str, expected: object) -> None:
    event = event_of(line, zone=CHINA)
    assert (event["@timestamp"], event["event.dataset"], event["message"]) == (expected, "generic.text", line)


def test_the_level_of_a_line(event_of: One) -> None:
    assert event_of("2026-02-27 18:00:00 main ERROR boom")["log.level"] == "error"
    assert "log.level" not in event_of("2026-02-27 18:00:00 information is power")


@pytest.mark.parametrize("line", ["", "hello", "2026-13-45 00:00:00", "port 12345", "99999999999999 x"])
def test_a_line_without_time_is_a_dead_letter(run: Run, line: str) -> None:
    assert [letter.reason for letter in run(line).dead_letters] == [Reason.NO_TIME]


@given(
    st.datetimes(datetime(1971, 1, 1), datetime(9000, 1, 1), timezones=st.sampled_from([UTC, CHINA])),  # noqa: DTZ001 (zones are drawn)
    st.sampled_from(LAYOUTS),
)  # fmt: skip
def test_written_times_are_found_again(moment: datetime, layout: str) -> None:
    whole = moment if "%f" in layout else moment.replace(microsecond=0)
    found = find_time_ms(f"{moment.strftime(layout)} text", None)
    assert format_timestamp(found) == f"{whole.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.{whole.microsecond // 1000:03d}Z"


@given(st.text(max_size=300))
def test_any_text_is_searched_without_error(text: str) -> None:
    found = find_time_ms(text, UTC)
    assert found is None or isinstance(found, int)
