"""Indicators are given part by part as they are read, within the same bounds."""

from __future__ import annotations

import io

import pytest

from detection.intelligence import (
    IndicatorFormat,
    IntelligenceError,
    Reading,
    load_intelligence_policy,
    stream_indicators,
)
from tests.detection.intelligence.documents import read_document


def _streamed(text: str | bytes, form: IndicatorFormat, batch: int) -> list[Reading]:
    policy = load_intelligence_policy().model_copy(update={"import_batch": batch})
    content = text.encode() if isinstance(text, str) else text
    return list(stream_indicators(io.BytesIO(content), form, "x", policy))


@pytest.mark.parametrize("form", [IndicatorFormat.LIST, IndicatorFormat.CSV, IndicatorFormat.MISP])
def test_a_stream_gives_the_same_in_parts(form: IndicatorFormat) -> None:
    values = [f"198.51.{number // 200}.{number % 200 + 1}" for number in range(95)]
    lines = ["\ufeff" + "value"] * (form is IndicatorFormat.CSV) + [*values, "no indicator at all", *values[:3]]
    text = "\r\n".join(lines)
    whole = read_document(form, text.encode(), "x")
    parts = _streamed(text, form, 10)
    assert [len(part.indicators) for part in parts] == [10] * 9 + [8]
    assert {each.value for part in parts for each in part.indicators} == set(values)
    assert [each for part in parts for each in part.problems] == whole.problems != []


@pytest.mark.parametrize(
    ("text", "form", "said"),
    [
        (b'value\n198.51.100.1\n198.51.100.2\n"198.51', IndicatorFormat.CSV, "line 4: no valid CSV"),
        (b"198.51.100.1\n198.51.100.2\n198.51.100.\xff", IndicatorFormat.LIST, "byte 38 is not UTF-8"),
    ],
)
def test_of_what_cant_be_read_to_its_end_nothing_is_given(text: bytes, form: IndicatorFormat, said: str) -> None:
    with pytest.raises(IntelligenceError, match=said):
        _streamed(text, form, 1)


def test_the_bound_on_indicators_holds_over_all_parts() -> None:
    limits = load_intelligence_policy().limits.model_copy(update={"indicators": 5})
    policy = load_intelligence_policy().model_copy(update={"import_batch": 2, "limits": limits})
    text = "\n".join(f"198.51.100.{number}" for number in range(1, 7)).encode()
    parts = stream_indicators(io.BytesIO(text), IndicatorFormat.LIST, "x", policy)
    assert [len(next(parts).indicators) for _ in range(2)] == [2, 2]
    with pytest.raises(IntelligenceError, match="more than 5 indicators"):
        next(parts)


def test_what_is_done_with_a_part_is_no_time_of_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr("time.thread_time", lambda: now[0])
    policy = load_intelligence_policy().model_copy(update={"import_batch": 2})
    text = "\n".join(f"198.51.100.{number}" for number in range(1, 5)).encode()
    sizes = []
    for part in stream_indicators(io.BytesIO(text), IndicatorFormat.LIST, "x", policy):
        sizes.append(len(part.indicators))
        now[0] += policy.limits.time
    assert sizes == [2, 2, 0]
