from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events import format_timestamp, parse_timestamp, timestamp_ms

NOON = 1_700_049_600_123  # 2023-11-15T12:00:00.123Z


@given(st.integers(-62_135_596_800_000, 253_402_300_799_999))
def test_every_moment_of_years_1_to_9999_survives_writing_and_reading(moment: int) -> None:
    text = format_timestamp(moment)
    assert len(text) == 24
    assert timestamp_ms(text) == moment


@given(st.datetimes(), st.integers(-14 * 60, 14 * 60))
def test_any_offset_means_the_same_moment(moment: datetime, minutes: int) -> None:
    try:
        aware = moment.replace(tzinfo=timezone(timedelta(minutes=minutes)))
        expected = (aware - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
    except OverflowError:
        return
    assert parse_timestamp(aware.isoformat()) == expected
    assert parse_timestamp(aware.isoformat(" ")) == expected


@pytest.mark.parametrize(
    "text",
    [
        "2023-11-15T12:00:00.123Z",
        "2023-11-15 12:00:00.123 UTC",
        "2023-11-15 12:00:00,123Z",
        "2023-11-15T12:00:00.123999999Z",
        "2023-11-15 20:00:00.123 +0800",
        "2023-11-15T20:00:00.123+08:00",
        "  2023-11-15T07:00:00.123-0500 ",
        "20231115T120000.123Z",
    ],
)
def test_the_ways_sources_write_a_time(text: str) -> None:
    assert parse_timestamp(text) == NOON


def test_a_time_without_zone_is_in_the_zone_told() -> None:
    assert parse_timestamp("2023-11-15 20:00:00.123", ZoneInfo("Asia/Shanghai")) == NOON
    assert parse_timestamp("2023-11-15", UTC) == NOON - 12 * 3_600_000 - 123


@pytest.mark.parametrize("text", ["", "yesterday", "2023-13-01", "12:00", "2023-11-15T12:00:00+99:00"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_timestamp(text)
