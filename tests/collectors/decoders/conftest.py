"""Shared by the tests of decoders."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest

from collectors.decoders import DecodedStream, DecodeLimits, DecodeOptions, decode_stream
from collectors.record import DeadLetter, Record

Decode = Callable[..., tuple[list[Record], list[DeadLetter]]]


@pytest.fixture(scope="session")
def open_bytes() -> Callable[..., DecodedStream]:
    """Opens bytes as a stream."""

    def open_stream(data: bytes, *, start: int = 0, **options: Any) -> DecodedStream:  # noqa: ANN401 (of DecodeOptions)
        return decode_stream(io.BytesIO(data), "sample", DecodeOptions(**options), start=start)

    return open_stream


@pytest.fixture(scope="session")
def decode(open_bytes: Callable[..., DecodedStream]) -> Decode:
    """Decodes bytes into records and dead letters."""

    def decode_bytes(data: bytes, **options: object) -> tuple[list[Record], list[DeadLetter]]:
        items = list(open_bytes(data, **options))
        return (
            [item for item in items if isinstance(item, Record)],
            [item for item in items if isinstance(item, DeadLetter)],
        )

    return decode_bytes


@pytest.fixture(scope="session")
def small_limits() -> DecodeLimits:
    """Limits small enough to be met in a test."""
    return DecodeLimits.model_validate(
        {
            "record": {"bytes": 1000, "nesting": 32},
            "archive": {"layers": 2, "members": 3, "total_bytes": 400_000, "ratio": 20, "ratio_free_bytes": 20_000},
        }
    )
