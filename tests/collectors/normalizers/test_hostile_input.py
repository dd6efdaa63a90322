"""Whatever arrives, a normalizer gives an event with a time or a NormalizeError, and recognition never fails."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.normalizers.catalog import SPECIFIC
from collectors.normalizers.contract import NormalizeError, Normalizer, SourceContext
from collectors.record import Record
from events import timestamp_ms

_AREAS = (".web.", ".cloud.", ".network.", ".database.", ".gateway.")
_NORMALIZERS = [each for each in SPECIFIC if any(area in type(each).__module__ for area in _AREAS)]
_SAMPLES: list[dict[str, Any]] = [
    sample
    for path in sorted((Path(__file__).parent / "golden").glob("*.yml"))
    for sample in yaml.safe_load(path.read_text(encoding="utf-8"))
]
_LINES = [sample["text"] for sample in _SAMPLES if "text" in sample]
_DOCUMENTS = [orjson.loads(orjson.dumps(sample["document"])) for sample in _SAMPLES if "document" in sample]
_CONTEXT = SourceContext("s", "i", UTC, int(datetime(2026, 3, 1, tzinfo=UTC).timestamp() * 1000))

_scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
_values = st.recursive(
    _scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3), max_leaves=8
)
_every_normalizer = pytest.mark.parametrize("normalizer", _NORMALIZERS, ids=lambda each: each.name)
_many = settings(max_examples=60)


def _survives(normalizer: Normalizer, record: Record) -> bool:
    """Whether the record is refused with a reason or is an event of a data set, at a time; what else it raises is."""
    normalizer.recognizes(record)
    try:
        event = normalizer.normalize(record, _CONTEXT)
    except NormalizeError as refusal:
        return str(refusal) != ""
    return isinstance(timestamp_ms(str(event["@timestamp"])), int) and bool(event["event.dataset"])


@st.composite
def _damaged_lines(draw: st.DrawFn) -> str:
    line = draw(st.sampled_from(_LINES))
    start = draw(st.integers(0, len(line)))
    end = draw(st.integers(start, len(line)))
    return line[:start] + draw(st.text(max_size=20)) + line[end:]


@st.composite
def _damaged_documents(draw: st.DrawFn) -> dict[str, Any]:
    document = dict(draw(st.sampled_from(_DOCUMENTS)))
    names = draw(st.lists(st.sampled_from(sorted(document)), min_size=1, max_size=4, unique=True))
    return document | {name: draw(_values) for name in names}


@_every_normalizer
@_many
@given(line=_damaged_lines() | st.text())
def test_any_line(normalizer: Normalizer, line: str) -> None:
    assert _survives(normalizer, Record(0, line.encode("utf-8", "replace"), text=line))


@_every_normalizer
@_many
@given(document=_damaged_documents() | st.dictionaries(st.text(), _values))
def test_any_document(normalizer: Normalizer, document: dict[str, Any]) -> None:
    assert _survives(normalizer, Record(0, b"{}", document=document, decoder="ndjson"))


@_every_normalizer
@pytest.mark.parametrize(
    "line",
    [
        "",
        "\0" * 1000,
        '"' * 200_000,
        "\\" * 200_001,
        "a=" * 100_000,
        "CEF:0|" + "|" * 200_000,
        "CEF:0|v|p|1|1|n|1|" + "k=v " * 50_000,
        '1.1.1.1 - - [31/Jan/2026:08:15:30 +0000] "' + '\\"' * 100_000,
        '1.1.1.1 - - [31/Jan/2026:08:15:30 +0000] "' + '" 200' * 40_000,
        "2026-01-31 08:15:30 UTC " + "[" * 200_000,
        "20260131 08:15:30,h,u,h,1,1,QUERY,d,'" + "'," * 100_000,
        "{" * 100_000,
        '{"a":' * 5_000 + "1" + "}" * 5_000,
    ],
    ids=range(13),
)
@pytest.mark.timeout(20)
def test_lines_made_to_stall_a_parser(normalizer: Normalizer, line: str) -> None:
    assert _survives(normalizer, Record(0, line.encode(), text=line))
