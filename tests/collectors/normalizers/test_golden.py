"""Records of every kind and the events they have to become; each is recognized by its own normalizer alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest
import yaml

from collectors.normalizers.catalog import SPECIFIC
from collectors.record import Record
from events import Event

_FOLDER = Path(__file__).parent / "golden"
_SAMPLES: list[dict[str, Any]] = [
    sample for path in sorted(_FOLDER.glob("*.yml")) for sample in yaml.safe_load(path.read_text(encoding="utf-8"))
]
_DOCUMENTS = [sample for sample in _SAMPLES if "document" in sample]
_every_sample = pytest.mark.parametrize("sample", _SAMPLES, ids=[sample["name"] for sample in _SAMPLES])


def _plain(value: object) -> object:
    """YAML reads an unquoted time as a datetime; events hold text."""
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.{value.microsecond // 1000:03d}Z"
    return value


def _record(sample: dict[str, Any]) -> Record:
    if "text" in sample:
        return Record(0, sample["text"].encode(), text=sample["text"])
    document = orjson.loads(orjson.dumps(sample["document"]))
    return Record(0, orjson.dumps(document), document=document, decoder="ndjson")


@_every_sample
def test_a_record_becomes_its_event(sample: dict[str, Any], event_of: Callable[..., Event]) -> None:
    record = _record(sample)
    event = event_of(record.text if record.text is not None else record.document)
    expected = {name: _plain(value) for name, value in sample["event"].items()}
    assert {name: event.get(name) for name in expected} == expected


@_every_sample
def test_a_record_is_recognized_by_its_normalizer_alone(sample: dict[str, Any]) -> None:
    record = _record(sample)
    assert [each.name for each in SPECIFIC if each.recognizes(record)] == [sample["normalizer"]]


@pytest.mark.parametrize("sample", _DOCUMENTS, ids=[sample["name"] for sample in _DOCUMENTS])
def test_a_document_that_travels_as_json_text_in_syslog_is_the_same_event(
    sample: dict[str, Any], event_of: Callable[..., Event]
) -> None:
    line = "<14>Jan 31 08:15:30 relay shipper[1]: " + orjson.dumps(sample["document"]).decode()
    event = event_of(line)
    expected = {name: _plain(value) for name, value in sample["event"].items()}
    assert {name: event.get(name) for name in expected} == expected


def test_every_normalizer_of_these_areas_has_a_sample() -> None:
    areas = (".web.", ".cloud.", ".network.", ".database.", ".gateway.")
    names = {each.name for each in SPECIFIC if any(area in type(each).__module__ for area in areas)}
    assert names - {sample["normalizer"] for sample in _SAMPLES} == {"packets"}
