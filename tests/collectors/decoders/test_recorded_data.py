"""Every recorded file decodes, with as many records as it holds."""

from __future__ import annotations

import json
import zipfile
from collections import Counter
from pathlib import Path

import pytest

from collectors.decoders import decode_path
from collectors.record import Record

pytestmark = pytest.mark.shared_data


def count(path: Path) -> Counter[str]:
    return Counter(
        item.decoder if isinstance(item, Record) else f"dead: {item.reason}"
        for stream in decode_path(path)
        for item in stream
    )


def test_regression_cases_hold_the_same_events_in_both_forms(shared_data: Path) -> None:
    cases = sorted((shared_data / "sigma/regression_data").rglob("*.evtx"))
    assert cases
    for path in cases:
        records = count(path)["evtx"]
        assert records > 0
        assert count(path.with_suffix(".json")) == {"json": records}


def test_cloud_audit_files(shared_data: Path) -> None:
    for path in sorted((shared_data / "cloudtrail").rglob("*.json")):
        content = json.loads(path.read_text())
        assert count(path) == {"json": len(content["Records"] if isinstance(content, dict) else content)}


def test_log_files_have_a_record_a_line(shared_data: Path) -> None:
    for path in sorted((shared_data / "loghub").glob("*.log")):
        assert count(path) == {"lines": 2000}


def test_tables_are_recognized(shared_data: Path) -> None:
    for path in sorted((shared_data / "columns").rglob("*.csv")):
        assert set(count(path)) == {"csv"}, path


def test_archives_of_host_logs_have_a_record_a_line(shared_data: Path) -> None:
    smallest = sorted((shared_data / "otrf/atomic").rglob("*.zip"), key=lambda path: path.stat().st_size)[:25]
    for path in smallest:
        with zipfile.ZipFile(path) as archive:
            lines = sum(
                1
                for name in archive.namelist()
                if not name.startswith("__MACOSX")
                for line in archive.open(name)
                if line.strip()
            )
        counted = count(path)
        assert counted["ndjson"] + counted["lines"] == lines
