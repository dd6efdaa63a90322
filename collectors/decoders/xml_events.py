"""Windows events exported as XML: a document of ``Event`` elements, or elements one after the other."""

from __future__ import annotations

import re
from collections.abc import Iterator

from collectors.decoders.byte_source import ByteSource
from collectors.decoders.errors import BrokenRecordError
from collectors.decoders.event_xml import parse_event
from collectors.decoders.limits import DecodeLimits
from collectors.decoders.window import Window
from collectors.record import DEAD_LETTER_BYTES, DeadLetter, Reason, Record

_START = re.compile(rb"<(?:\w+:)?Event(?=[\s>])")
_START_OR_END = re.compile(rb"<(?:\w+:)?Event(?=[\s>])|</(?:\w+:)?Event\s*>")
_WRAPPING = re.compile(
    rb"""(?:
        [\s\x00\xef\xbb\xbf]++
        | <\?[^>]*+>                       # the XML declaration
        | <!--[^-]*+(?:-(?!->)[^-]*+)*-->
        | </?(?:\w+:)?Events(?:\s[^>]*)?>  # the document element
    )*""",
    re.VERBOSE | re.DOTALL,
)
_LONGEST_TAG = 256


def decode_xml(source: ByteSource, _encoding: str | None, limits: DecodeLimits) -> Iterator[Record | DeadLetter]:
    """Each ``Event`` element of a UTF-8 text, in a document or one after the other."""
    for element in _split(Window(source, limits.record.bytes, "xml")):
        if isinstance(element, DeadLetter):
            yield element
            continue
        position, raw = element
        try:
            yield Record(position, raw, None, parse_event(raw, limits.record.nesting), "xml")
        except BrokenRecordError as error:
            yield DeadLetter(position, error.reason, str(error), raw[:DEAD_LETTER_BYTES], len(raw), "xml")


def _split(window: Window) -> Iterator[tuple[int, bytes] | DeadLetter]:
    """Offset and bytes of each element; what stands between two and is no wrapper is a dead letter."""
    while True:
        window.begin()
        found = _seek(window, _START)
        position, between = window.start, window.end()
        if isinstance(between, DeadLetter):
            yield between
        elif _WRAPPING.fullmatch(between) is None:
            detail = "no Event element; export the events as XML again"
            yield DeadLetter(position, Reason.UNDECODABLE, detail, between[:DEAD_LETTER_BYTES], len(between), "xml")
        if found is None:
            return
        yield _element(window)


def _element(window: Window) -> tuple[int, bytes] | DeadLetter:
    """The element at the cursor; another start before its end shows that it was cut."""
    window.begin()
    window.place += 1
    found = _seek(window, _START_OR_END)
    if found is None:
        return window.give_up(Reason.TRUNCATED, "the text ends inside the event; fetch the file again")
    if not found.startswith(b"</"):
        return window.give_up(Reason.UNDECODABLE, "the event is not closed before the next one begins")
    window.place += len(found)
    position, raw = window.start, window.end()
    return raw if isinstance(raw, DeadLetter) else (position, raw)


def _seek(window: Window, pattern: re.Pattern[bytes]) -> bytes | None:
    """Move to the start of the next match and return it, or to the end of the text."""
    while (found := pattern.search(window.buffer, window.place)) is None:
        window.place = max(window.place, len(window.buffer) - _LONGEST_TAG)
        if not window.fill():
            window.place = len(window.buffer)
            return None
    window.place = found.start()
    return found.group()
