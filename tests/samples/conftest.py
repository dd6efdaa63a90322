"""The city's files, collected as the product collects them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml

from collectors.decoders import DecodeOptions, decode_path
from collectors.normalizers.chain import normalize
from collectors.normalizers.contract import SourceContext
from collectors.record import DeadLetter, NormalizedBatch, Record, RecordBatch
from collectors.sources.pcap import read_capture, tshark_version
from events import timestamp_ms
from fengsui.flows import enricher_of_files


@pytest.fixture(scope="session")
def city(project: Path) -> Path:
    return project / "samples" / "city"


@pytest.fixture(scope="session")
def expected(project: Path) -> dict[str, dict[str, dict[str, Any]]]:
    """What ``expected.yml`` says: events and dead letters by file, matches by rule and file."""
    path = project / "tests" / "samples" / "expected.yml"
    return yaml.safe_load(path.read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def collect(city: Path, project: Path) -> Callable[[str], NormalizedBatch]:
    """Collects one file of the city and joins it with the city's registry; the capture needs tshark."""
    known: dict[str, NormalizedBatch] = {}
    flows = enricher_of_files(project / "samples" / "registry")

    def collected(name: str) -> NormalizedBatch:
        if name not in known:
            known[name] = _collect(city / name)
            flows.enrich(known[name].events)
        return known[name]

    return collected


def _collect(path: Path) -> NormalizedBatch:
    if path.suffix == ".pcap" and tshark_version() is None:
        pytest.skip("no tshark; install it (apt-get install tshark) to read captures")
    whole = NormalizedBatch([], [])
    for stream in decode_path(path, DecodeOptions(packet_decoder=read_capture)):
        batch = _batch(path.name, stream.identity, iter(stream))
        context = SourceContext(
            path.name, stream.identity, ZoneInfo("Asia/Shanghai"), timestamp_ms("2026-11-19T00:00:00Z")
        )
        result = normalize(batch, context)
        whole.events.extend(result.events)
        whole.dead_letters.extend(result.dead_letters)
    return whole


def _batch(name: str, identity: str, items: Iterator[Record | DeadLetter]) -> RecordBatch:
    batch = RecordBatch(name, identity, [], [])
    for item in items:
        if isinstance(item, DeadLetter):
            batch.dead_letters.append(item)
        else:
            batch.records.append(item)
    return batch
