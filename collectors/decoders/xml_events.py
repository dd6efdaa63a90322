"""Windows events exported as XML, in the same shape as the JSON of EVTX records, so that one normalizer reads both.

The shape: attributes under ``#attributes``, text beside them under ``#text``, named ``Data`` elements by their name.
Schema: https://learn.microsoft.com/en-us/windows/win32/wes/eventschema-schema
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

from collectors.decoders.byte_source import ByteSource
from collectors.decoders.errors import BrokenRecordError
from collectors.decoders.limits import DecodeLimits
from collectors.decoders.window import Window
from collectors.record import DEAD_LETTER_BYTES, DeadLetter, Reason, Record

_NUMBERS = frozenset(
    {"EventID", "Version", "Level", "Task", "Opcode", "EventRecordID", "ProcessID", "ThreadID", "Qualifiers"}
)
"""Elements and attributes of ``System`` that hold integers."""
_START = re.compile(rb"<(?:\w+:)?Event(?=[\s>])")
_START_OR_END = re.compile(rb"<(?:\w+:)?Event(?=[\s>])|</(?:\w+:)?Event\s*>")
_WRAPPING = re.compile(
    rb"""(?:
        [\s\x00\xef\xbb\xbf]++
        | <\?[^>]*+\?>                     # the XML declaration
        | <!--(?:(?!-->).)*+-->
        | </?(?:\w+:)?Events(?:\s[^>]*)?>  # the document element
    )*+""",
    re.VERBOSE | re.DOTALL,
)
_TAG = re.compile(rb"<(?P<close>/)?\w[^<>]*?(?P<empty>/)?>")
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


def parse_event(raw: bytes, nesting: int) -> dict[str, object]:
    """The document of one ``Event`` element.

    Raises:
        BrokenRecordError: the element is no well-formed XML, or nested more than ``nesting`` levels deep.
    """
    parser = etree.XMLParser(encoding="utf-8", resolve_entities=False, no_network=True, remove_comments=True)
    try:
        root = etree.fromstring(raw, parser)
    except etree.XMLSyntaxError as error:
        if raw.count(b"<") > nesting and exceeds_depth(raw, nesting):
            raise _too_deep(nesting) from error
        raise BrokenRecordError(Reason.UNDECODABLE, "the element is no well-formed XML; see the raw record") from error
    return {"Event": _shape(root, nesting, in_system=False)}


def exceeds_depth(raw: bytes, nesting: int) -> bool:
    """Whether the tags of a text open more than ``nesting`` levels."""
    depth = 0
    for tag in _TAG.finditer(raw):
        depth += -1 if tag["close"] else 0 if tag["empty"] else 1
        if depth > nesting:
            return True
    return False


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


def _shape(element: etree._Element, nesting: int, *, in_system: bool) -> object:
    """An element as the EVTX reader renders it: null, text, or a mapping of its attributes, text and children."""
    if nesting == 0:
        raise _too_deep(nesting)
    name = _local(element.tag)
    content: dict[str, object] = {}
    if attributes := _attributes(element, in_system=in_system):
        content["#attributes"] = attributes
    for child in element:
        if isinstance(child.tag, str):
            _add(content, child, _shape(child, nesting - 1, in_system=in_system or _local(child.tag) == "System"))
    text = element.text or ""
    if len(element) and text.isspace():
        text = ""
    if not content:
        return _number(name, text) if in_system and text else text or None
    if text:
        content["#text"] = _number(name, text) if in_system else text
    return content


def _add(content: dict[str, object], child: etree._Element, shape: object) -> None:
    """Put a child under its name: ``Data`` under the name it carries, unnamed ones together, others numbered."""
    name = _local(child.tag)
    if name == "Data":
        given = child.get("Name")
        if given is None:
            _add_unnamed(content, shape if isinstance(shape, str) else "")
            return
        name, shape = given, child.text or ""
    place, number = name, 1
    while place in content:
        place, number = f"{name}_{number}", number + 1
    content[place] = shape


def _add_unnamed(content: dict[str, object], text: str) -> None:
    present = content.get("Data")
    if not isinstance(present, dict):
        content["Data"] = {"#text": text}
    elif isinstance(present["#text"], list):
        present["#text"].append(text)
    else:
        present["#text"] = [present["#text"], text]


def _attributes(element: etree._Element, *, in_system: bool) -> dict[str, object]:
    attributes: dict[str, object] = {}
    parent = element.getparent()
    namespace = element.nsmap.get(None)
    if namespace and (parent is None or parent.nsmap.get(None) != namespace):
        attributes["xmlns"] = namespace
    for name, value in element.attrib.items():
        attributes[_local(name)] = _number(_local(name), str(value)) if in_system else value
    return attributes


def _number(name: str, text: str) -> int | str:
    return int(text) if name in _NUMBERS and text.isdecimal() and text.isascii() else text


def _local(name: str | bytes | bytearray) -> str:
    return str(name).rpartition("}")[2]


def _too_deep(nesting: int) -> BrokenRecordError:
    return BrokenRecordError(Reason.TOO_DEEP, f"nested deeper than the {nesting} levels allowed")
