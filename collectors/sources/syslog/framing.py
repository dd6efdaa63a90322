"""Cutting a TCP stream into syslog messages: both framings of RFC 6587, told apart message by message.

A message counted in octets (§3.4.1) begins with its length, a space and ``<``; one ended by a newline (§3.4.2) with
anything else. A count that no ``<`` follows is the beginning of a line.
"""

from __future__ import annotations

import re

from collectors.sources.spool import Message

_COUNT = re.compile(rb"([1-9][0-9]{0,9}) <")
_COUNT_START = re.compile(rb"[1-9][0-9]{0,9} ?\Z")
_TRAILERS = b"\n\r\x00"


class SyslogFraming:
    """Cuts what one connection sends; memory is bounded by the longest message allowed."""

    def __init__(self, max_message_bytes: int, peer: str | None = None) -> None:
        """Messages beyond ``max_message_bytes`` are cut and keep their true length."""
        self._max = max_message_bytes
        self._peer = peer
        self._buffer = bytearray()
        self._start = 0
        self._cut: bytes | None = None  # head of a message that is too long
        self._length = 0  # of that message, as far as known
        self._left: int | None = None  # octets of it still to come; None: up to the newline

    def feed(self, data: bytes) -> list[Message]:
        """The messages that ``data`` completes."""
        self._buffer += data
        messages: list[Message] = []
        while (message := self._next()) is not None:
            if message.data:
                messages.append(message)
        del self._buffer[: self._start]
        self._start = 0
        return messages

    def finish(self) -> list[Message]:
        """The rest when the connection ends: a line without newline is whole, a counted message is not."""
        rest = bytes(self._buffer)
        self._buffer.clear()
        if self._cut is not None:
            length = self._length if self._left is None else self._length + self._left
            return [self._message(self._cut, length + len(rest) if self._left is None else length)]
        counted = _COUNT.match(rest)
        if counted:
            return [self._message(rest[counted.end() - 1 :], int(counted[1]))]
        line = rest.strip(_TRAILERS)
        return [self._message(line, len(line))] if line else []

    def _next(self) -> Message | None:
        if self._cut is not None:
            return self._skip()
        self._pass_trailers()
        counted = _COUNT.match(self._buffer, self._start)
        if counted:
            return self._counted(counted.end() - 1, int(counted[1]))
        if _COUNT_START.match(self._buffer, self._start):
            return None
        return self._line()

    def _pass_trailers(self) -> None:
        while self._start < len(self._buffer) and self._buffer[self._start] in _TRAILERS:
            self._start += 1

    def _counted(self, begin: int, length: int) -> Message | None:
        present = len(self._buffer) - begin
        if length <= self._max:
            if present < length:
                return None
            self._start = begin + length
            return self._message(bytes(self._buffer[begin : self._start]), length)
        if present < self._max:
            return None
        return self._begin_cut(begin, min(present, length), length)

    def _line(self) -> Message | None:
        end = self._buffer.find(b"\n", self._start)
        if end < 0:
            if len(self._buffer) - self._start > self._max:
                return self._begin_cut(self._start, len(self._buffer) - self._start, None)
            return None
        line = bytes(self._buffer[self._start : end]).rstrip(_TRAILERS)
        self._start = end + 1
        return self._message(line, len(line))

    def _begin_cut(self, begin: int, present: int, length: int | None) -> Message | None:
        """Keep the head of a message that is too long, and pass over the rest as it comes."""
        self._cut = bytes(self._buffer[begin : begin + self._max])
        self._length = present
        self._left = None if length is None else length - present
        self._start = begin + present
        return self._skip()

    def _skip(self) -> Message | None:
        rest = len(self._buffer) - self._start
        if self._left is None:
            end = self._buffer.find(b"\n", self._start)
            passed = rest if end < 0 else end - self._start
            is_over = end >= 0
        else:
            passed = min(rest, self._left)
            self._left -= passed
            is_over = self._left == 0
        self._length += passed
        self._start += passed
        if not is_over or self._cut is None:
            return None
        message = self._message(self._cut, self._length)
        self._cut = None
        return message

    def _message(self, data: bytes, length: int) -> Message:
        return Message(data[: self._max], self._peer, length, is_cut=length > self._max)
