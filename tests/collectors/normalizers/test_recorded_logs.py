"""Recorded logs of these areas: every record becomes an event of its kind, dated as it says itself."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from collectors.record import NormalizedBatch

pytestmark = pytest.mark.shared_data


def _cloudtrail(folder: Path) -> Iterator[dict[str, Any]]:
    for path in sorted((folder / "cloudtrail").rglob("*.json")):
        content = orjson.loads(path.read_bytes())
        yield from content["Records"] if isinstance(content, dict) else content
    for path in sorted((folder / "otrf/atomic/aws").rglob("*.zip")):
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                yield from map(orjson.loads, archive.read(name).splitlines())


def test_every_cloudtrail_record(shared_data: Path, run: Callable[..., NormalizedBatch]) -> None:
    records = list(_cloudtrail(shared_data))
    result = run(*records)
    assert (len(result.events), result.dead_letters) == (len(records), [])
    for record, event in zip(records, result.events, strict=True):
        said = record.get("eventTime") or record["@timestamp"]
        assert str(event["@timestamp"])[:19] == said[:19]
        assert event["event.dataset"] == "aws.cloudtrail"
        assert event["event.action"] == record["eventName"]
        assert (event["event.outcome"] == "failure") >= ("errorCode" in record)
        assert event.get("aws.cloudtrail.userIdentity.type") == record["userIdentity"].get("type")


def test_every_apache_line(shared_data: Path, run: Callable[..., NormalizedBatch]) -> None:
    lines = (shared_data / "loghub/Apache_2k.log").read_text(encoding="utf-8").splitlines()
    result = run(*lines)
    assert (len(result.events), result.dead_letters) == (len(lines), [])
    assert {event["event.dataset"] for event in result.events} == {"apache.error"}
    for line, event in zip(lines, result.events, strict=True):
        assert line[12:20] == str(event["@timestamp"])[11:19]
        assert str(event["message"]) in line
