"""Where each JSON object of a text starts and ends, found by its brackets without reading the values.

Memory is bounded by the largest record, and no nesting is too deep.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum, auto

from collectors.decoders.json_envelope import ENVELOPE, ENVELOPE_TAIL
from collectors.decoders.json_values import SKIP_TO_BRACKET, STRING_BODY
from collectors.decoders.window import Window
from collectors.record import DeadLetter, Reason

_ENVELOPE_BYTES = 4096
_FILLER = re.compile(rb"(?:[\s,\x00\x1e]++|\xef\xbb\xbf)*")
_CLOSING = {ord("}"): ord("{"), ord("]"): ord("[")}
_SPACE = b" \t\r\n"
_BODY = re.compile(STRING_BODY, re.DOTALL)
_OBJECT_AHEAD = re.compile(rb"(?=\{)")
_OBJECT_OR_END_AHEAD = re.compile(rb"(?=[{\]])")
_QUOTE, _OPEN_OBJECT, _OPEN_LIST, _CLOSE_LIST = b'"{[]'


class _Level(Enum):
    """Where records stand: side by side, in a list, in a list inside an envelope."""

    TOP = auto()
    LIST = auto()
    ENVELOPE = auto()


class _Scan(Enum):
    """How the search for the end of an object went."""

    COMPLETE = auto()
    ENDED = auto()
    MISPLACED = auto()
    OPEN_STRING = auto()


class JsonSplitter:
    """Finds where each record starts and ends."""

    def __init__(self, window: Window) -> None:
        self._window = window
        self._level = _Level.TOP
        self._indent: int | None = None
        self._restart = _OBJECT_AHEAD

    def split(self) -> Iterator[tuple[int, bytes] | DeadLetter]:
        """Offset and bytes of each object, dead letters for what lies between and is none."""
        window = self._window
        while self._pass_filler():
            byte = window.buffer[window.place]
            if byte == _OPEN_OBJECT:
                if self._level is not _Level.TOP or not self._enter_envelope():
                    yield from self._object()
            elif byte == _OPEN_LIST and self._level is _Level.TOP:
                self._level = _Level.LIST
                window.place += 1
            elif byte == _CLOSE_LIST and self._level is not _Level.TOP:
                yield from self._leave_list()
            else:
                yield self._garbage()
        if self._level is not _Level.TOP:
            yield window.give_up(Reason.TRUNCATED, "the text ends inside its list of records; fetch the file again")

    def _pass_filler(self) -> bool:
        """Move to what may be a record; False at the end of the text."""
        window = self._window
        while True:
            window.place = _end(_FILLER, window)
            if window.place < len(window.buffer):
                return True
            if not window.fill():
                return False

    def _enter_envelope(self) -> bool:
        window = self._window
        while len(window.buffer) - window.place < _ENVELOPE_BYTES and window.fill():
            pass
        envelope = ENVELOPE.match(window.buffer, window.place)
        if envelope is None:
            return False
        self._level = _Level.ENVELOPE
        window.place = envelope.end()
        return True

    def _leave_list(self) -> Iterator[DeadLetter]:
        window, level = self._window, self._level
        self._level = _Level.TOP
        window.place += 1
        if level is _Level.ENVELOPE:
            window.begin()
            outcome = self._scan(bytearray(b"{"))
            if outcome is not _Scan.COMPLETE:
                yield self._broken(outcome)
            elif ENVELOPE_TAIL.fullmatch(window.held()) is None:
                yield window.give_up(Reason.UNDECODABLE, "members beside the list of records; see the raw record")
            else:
                window.end()

    def _object(self) -> Iterator[tuple[int, bytes] | DeadLetter]:
        window = self._window
        if self._indent is None:
            self._indent = _indent(window)
            self._restart = re.compile(rb"\n[ \t]{0,%d}(?=\{)" % self._indent)
        window.begin()
        outcome = self._scan(bytearray())
        if outcome is not _Scan.COMPLETE:
            yield self._broken(outcome)
            return
        position, raw = window.start, window.end()
        yield raw if isinstance(raw, DeadLetter) else (position, raw)

    def _scan(self, brackets: bytearray) -> _Scan:
        """Move past the object whose ``brackets`` are open; never recursive, so that no nesting is too deep."""
        window = self._window
        while True:
            window.place = place = _end(SKIP_TO_BRACKET, window)
            if place == len(window.buffer):
                if not window.fill():
                    return _Scan.ENDED
                continue
            byte = window.buffer[place]
            if byte == _QUOTE:
                if not self._pass_string():
                    return _Scan.OPEN_STRING
                continue
            if byte == _OPEN_OBJECT and brackets and not _may_open(window, brackets[-1]):
                return _Scan.MISPLACED
            window.place += 1
            if byte in {_OPEN_OBJECT, _OPEN_LIST}:
                brackets.append(byte)
            elif brackets.pop() != _CLOSING[byte]:
                return _Scan.MISPLACED
            elif not brackets:
                return _Scan.COMPLETE

    def _pass_string(self) -> bool:
        """Move past a string that is not whole in the window; False where a line or the text ends first."""
        window = self._window
        window.place += 1
        while True:
            window.place = _end(_BODY, window)
            ahead = window.buffer[window.place : window.place + 2]
            if ahead[:1] == b'"':
                window.place += 1
                return True
            if ahead[:1] == b"\\" and len(ahead) > 1:
                continue  # a string of more escapes than are taken at a time
            if ahead not in {b"", b"\\"} or not window.fill():
                return False

    def _broken(self, outcome: _Scan) -> DeadLetter:
        """The dead letter of an object that never closes, up to where the next one may start."""
        if outcome is _Scan.OPEN_STRING:
            self._seek(self._restart)
            return self._window.give_up(Reason.UNDECODABLE, "a string in it is not closed; see the raw record")
        if outcome is _Scan.ENDED:
            self._level = _Level.TOP
            return self._window.give_up(Reason.TRUNCATED, "the text ends inside the record; fetch the file again")
        return self._window.give_up(Reason.UNDECODABLE, "brackets in it don't match; see the raw record")

    def _garbage(self) -> DeadLetter:
        self._window.begin()
        self._window.place += 1
        self._seek(_OBJECT_AHEAD if self._level is _Level.TOP else _OBJECT_OR_END_AHEAD)
        return self._window.give_up(Reason.UNDECODABLE, "no JSON object; records must be objects")

    def _seek(self, pattern: re.Pattern[bytes]) -> None:
        """Move to the end of the next match, or to the end of the text."""
        window = self._window
        while (found := pattern.search(window.buffer, window.place)) is None:
            window.place = max(window.place, len(window.buffer) - (self._indent or 0) - 2)
            if not window.fill():
                window.place = len(window.buffer)
                return
        window.place = found.end()


def _end(pattern: re.Pattern[bytes], window: Window) -> int:
    """Where a pattern that matches anywhere, if only nothing, stops matching."""
    return pattern.match(window.buffer, window.place).end()  # type: ignore[union-attr] # matches nothing at least


def _may_open(window: Window, around: int) -> bool:
    """Whether an object may stand at the cursor: after a colon in an object, after a bracket or comma in a list.

    Where it may not, the object before it was cut off and this one begins a record of its own.
    """
    before = window.place - 1
    while before >= 0 and window.buffer[before] in _SPACE:
        before -= 1
    return before < 0 or window.buffer[before] in (b":" if around == _OPEN_OBJECT else b"[,")


def _indent(window: Window) -> int:
    """How many blanks stand before the cursor on its line."""
    start = window.place
    while start > 0 and window.buffer[start - 1] in b" \t":
        start -= 1
    return window.place - start
