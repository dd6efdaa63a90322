"""HTTP/1 requests joined with their responses (RFC 9112), in the order in which they were asked."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping

from collectors.sources.pcap.exchange import OPEN_EXCHANGES, Document, Opening, nth
from collectors.sources.pcap.fields import HTTP_REQUEST, HTTP_RESPONSE
from collectors.sources.pcap.frame import Frame

_NUMBERS = frozenset({"status", "content_length"})
_INFORMATIONAL = range(100, 200)
_SWITCHING = 101


class HttpExchanges:
    """The requests and responses of one conversation."""

    def __init__(self, opening: Opening) -> None:
        self._opening = opening
        self._asked: deque[Document] = deque()

    def observe(self, frame: Frame) -> Iterator[Document]:
        """Note the frame's requests, join its responses with theirs; gives those answered."""
        for request in _messages(frame, HTTP_REQUEST, "http.request.method"):
            self._asked.append({**self._opening.document("http", frame.time_us), "request": request})
            if len(self._asked) > OPEN_EXCHANGES:
                yield self._asked.popleft()
        for response in _messages(frame, HTTP_RESPONSE, "http.response.code"):
            status = response.get("status")
            if status in _INFORMATIONAL and status != _SWITCHING:
                continue  # the real response follows (RFC 9110 §15.2)
            asked = self._asked.popleft() if self._asked else self._opening.document("http", frame.time_us)
            yield {**asked, "response": response}

    def finish(self) -> Iterator[Document]:
        """The requests without response."""
        yield from self._asked
        self._asked.clear()


def _messages(frame: Frame, names: Mapping[str, str], telling: str) -> Iterator[Document]:
    count = len(frame.all(telling))
    for place in range(count):
        found = {name: nth(frame.all(source), place, count) for name, source in names.items()}
        yield {name: _typed(name, value) for name, value in found.items() if value is not None}


def _typed(name: str, value: str) -> str | int:
    is_number = name in _NUMBERS and value.isascii() and value.isdigit() and len(value) < 19  # noqa: PLR2004 (64 bits)
    return int(value) if is_number else value
