"""Records in, events out, through the chain that every source uses."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

import orjson
import pytest

from collectors.normalizers.chain import normalize
from collectors.normalizers.contract import SourceContext
from collectors.record import NormalizedBatch, Record, RecordBatch
from events import Event

REFERENCE_MS = int(datetime(2026, 3, 1, 12, tzinfo=UTC).timestamp() * 1000)

Run = Callable[..., NormalizedBatch]
One = Callable[..., Event]


@pytest.fixture(scope="session")
def run() -> Run:
    """Normalize lines and documents together, as one batch of a source in UTC."""

    def _run(*items: str | Mapping[str, object], log_format: str | None = None, **context: object) -> NormalizedBatch:
        settings = {"source": "a-source", "identity": "an-identity", "zone": UTC, "reference_ms": REFERENCE_MS}
        records = [_record(position, item) for position, item in enumerate(items)]
        batch = RecordBatch("a-source", "an-identity", records, [])
        return normalize(batch, SourceContext(**(settings | context)), log_format)

    return _run


@pytest.fixture(scope="session")
def event_of(run: Run) -> One:
    """The one event of one line or document."""

    def _event_of(item: str | Mapping[str, object], **settings: object) -> Event:
        result = run(item, **settings)
        assert result.dead_letters == []
        (event,) = result.events
        return event

    return _event_of


def _record(position: int, item: str | Mapping[str, object]) -> Record:
    if isinstance(item, str):
        return Record(position, item.encode("utf-8", "surrogatepass"), text=item)
    return Record(position, orjson.dumps(item), document=item, decoder="ndjson")
