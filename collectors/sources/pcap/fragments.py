"""IP fragments (RFC 791, RFC 8200 §4.5) given to the conversation that only the reassembled datagram names."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import replace

from collectors.sources.pcap.frame import Frame

_DATAGRAMS = 1_000


class Fragments:
    """Fragments that wait for the frame in which the dissector puts their datagram together."""

    def __init__(self) -> None:
        self._waiting: OrderedDict[str, list[Frame]] = OrderedDict()

    def join(self, frame: Frame) -> Iterator[Frame]:
        """The frames that now belong to a conversation: none while a datagram is incomplete, else all of it."""
        if frame.fragment is None:
            yield frame
        elif not frame.has_transport:
            self._waiting.setdefault(frame.fragment, []).append(frame)
            if len(self._waiting) > _DATAGRAMS:
                yield from self._waiting.popitem(last=False)[1]
        else:
            for part in self._waiting.pop(frame.fragment, []):
                yield replace(part, source=frame.source, destination=frame.destination, protocol=frame.protocol)
            yield frame

    def finish(self) -> Iterator[Frame]:
        """The fragments whose datagram never became whole, as conversations without ports."""
        for frames in self._waiting.values():
            yield from frames
        self._waiting.clear()
