"""Documents of indicators, and what is read from them."""

from __future__ import annotations

import json
from io import BytesIO
from typing import Any

from detection.intelligence import IndicatorFormat, IntelligencePolicy, Reading, stream_indicators

MD5, SHA1, SHA256 = "d4" * 16, "5a" * 20, "0f" * 32
SECOND_2026 = 1_767_225_600_000


def read_document(
    form: IndicatorFormat, content: object, source: str = "importer", policy: IntelligencePolicy | None = None
) -> Reading:
    """What a document holds that is small enough to come in one part."""
    data = content if isinstance(content, bytes) else json.dumps(content).encode()
    [reading] = stream_indicators(BytesIO(data), form, source, policy)
    return reading


def stix_indicator(number: int, pattern: str, **extra: object) -> dict[str, Any]:
    return {
        "type": "indicator",
        "spec_version": "2.1",
        "id": f"indicator--{number:08d}-0000-4000-8000-000000000000",
        "created": "2026-01-01T00:00:00.000Z",
        "modified": "2026-01-01T00:00:00.000Z",
        "pattern_type": "stix",
        "pattern": pattern,
        "valid_from": "2026-01-01T00:00:00Z",
        **extra,
    }


def stix_bundle(*objects: dict[str, Any]) -> dict[str, Any]:
    return {"type": "bundle", "id": "bundle--00000000-0000-4000-8000-000000000000", "objects": list(objects)}


def values_of(reading: Reading) -> list[tuple[str, str]]:
    return [(each.type.value, each.value) for each in reading.indicators]
