"""What the exchanges inside a conversation have in common: who opened it, and how they are observed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from collectors.sources.pcap.frame import Endpoint, Frame
from events import format_timestamp

Document: TypeAlias = dict[str, object]

ICMP_PROTOCOLS = frozenset({1, 58})
"""IP protocols whose conversations are between hosts, not ports."""

OPEN_EXCHANGES = 1_000
"""How many unanswered questions of one conversation are waited for; the oldest is given up first."""


@dataclass(frozen=True, slots=True)
class Opening:
    """Who opened a conversation, with whom, over what, and when (µs since 1970)."""

    source: Endpoint
    destination: Endpoint
    protocol: int
    time_us: int
    community_id: str

    def document(self, kind: str, time_us: int) -> Document:
        """The fields that every document of the conversation starts with."""
        return {
            "kind": kind,
            "time": format_timestamp(time_us // 1000),
            **self._ends(),
            "protocol": self.protocol,
            "community_id": self.community_id,
        }

    def _ends(self) -> Document:
        """Source and destination; ICMP has a type and a code where others have ports (``ICMP_PROTOCOLS``)."""
        if self.protocol in ICMP_PROTOCOLS:
            icmp = {"type": self.source.port, "code": self.destination.port}
            return {"source": {"ip": self.source.ip}, "destination": {"ip": self.destination.ip}, "icmp": icmp}
        source, destination = self.source, self.destination
        return {
            "source": {"ip": source.ip, "port": source.port},
            "destination": {"ip": destination.ip, "port": destination.port},
        }


class Exchanges(Protocol):
    """The exchanges of one protocol inside one conversation."""

    def observe(self, frame: Frame) -> Iterator[Document]:
        """Take note of a frame; gives the exchanges that it completes."""

    def finish(self) -> Iterator[Document]:
        """Gives the exchanges that nothing will complete any more."""


def nth(values: list[str], place: int, count: int) -> str | None:
    """The value that belongs to the ``place``-th of ``count`` messages in one frame, if that can be told."""
    if len(values) == count:
        return values[place]
    return values[0] if values and count == 1 else None
