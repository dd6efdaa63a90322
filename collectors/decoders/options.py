"""What a caller may decide about decoding."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from collectors.decoders.limits import DecodeLimits, default_limits
from collectors.record import DeadLetter, Record


@dataclass(frozen=True, slots=True)
class DecodeOptions:
    """Choices of the caller; what is left out is recognized from the content.

    Attributes:
        decoder: name of the decoder to use.
        encoding: name of the text's encoding, as Python knows it (``gb18030``, ``utf-16-le`` …).
        limits: how far to follow the input.
        packet_decoder: reads a packet capture, for callers that have one.
    """

    decoder: str | None = None
    encoding: str | None = None
    limits: DecodeLimits = field(default_factory=default_limits)
    packet_decoder: Callable[[Path], Iterator[Record | DeadLetter]] | None = None
