"""One Windows event in XML as the mapping that the EVTX reader renders, so that one normalizer reads both.

The shape: attributes under ``#attributes``, text beside them under ``#text``, named ``Data`` elements by their name.
Schema: https://learn.microsoft.com/en-us/windows/win32/wes/eventschema-schema
"""

from __future__ import annotations

import re

from lxml import etree

from collectors.decoders.encodings import decode_text
from collectors.decoders.errors import BrokenRecordError
from collectors.record import Reason

_NUMBERS = frozenset(
    {"EventID", "Version", "Level", "Task", "Opcode", "EventRecordID", "ProcessID", "ThreadID", "Qualifiers"}
)
"""Elements and attributes of ``System`` that hold integers."""
_TAG = re.compile(rb"<(?P<close>/)?\w[^<>]*?(?P<empty>/)?>")
_FORBIDDEN = re.compile(
    r"""[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]
        | &\#x0*(?:[0-8bBcCeEfF]|1[0-9a-fA-F]);
        | &\#0*(?:[0-8]|1[124-9]|2\d|3[01]);""",
    re.VERBOSE,
)
"""Characters and references to them that XML 1.0 section 2.2 excludes."""


def parse_event(raw: bytes, nesting: int) -> dict[str, object]:
    """The document of one ``Event`` element.

    Raises:
        BrokenRecordError: the element is no well-formed XML, or nested more than ``nesting`` levels deep.
    """
    try:
        root = _parse(raw)
    except etree.XMLSyntaxError as error:
        if _exceeds_depth(raw, nesting):
            raise _too_deep(nesting) from error
        raise BrokenRecordError(Reason.UNDECODABLE, "the element is no well-formed XML; see the raw record") from error
    return {"Event": _shape(root, nesting, in_system=False)}


def _parse(raw: bytes) -> etree._Element:
    """The element; characters that XML forbids, as event logs hold them, become U+FFFD on a second try."""
    try:
        return etree.fromstring(raw, _parser())
    except etree.XMLSyntaxError:
        return etree.fromstring(_FORBIDDEN.sub("\ufffd", decode_text(raw, None)).encode(), _parser())


def _parser() -> etree.XMLParser:
    return etree.XMLParser(encoding="utf-8", resolve_entities=False, no_network=True, remove_comments=True)


def _exceeds_depth(raw: bytes, nesting: int) -> bool:
    """Whether the tags of a text open more than ``nesting`` levels."""
    depth = 0
    for tag in _TAG.finditer(raw):
        depth += -1 if tag["close"] else 0 if tag["empty"] else 1
        if depth > nesting:
            return True
    return False


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
    text = _text(element)
    if not content:
        return _number(name, text) if in_system and text else text or None
    if text:
        content["#text"] = _number(name, text) if in_system else text
    return content


def _text(element: etree._Element) -> str:
    """The text of an element; the line breaks of a printed layout are none."""
    text = element.text or ""
    return "" if "\n" in text and text.isspace() else text


def _add(content: dict[str, object], child: etree._Element, shape: object) -> None:
    """Put a child under its name: ``Data`` under the name it carries, unnamed ones together, others numbered."""
    name = _local(child.tag)
    if name == "Data":
        given = child.get("Name")
        if given is None:
            _add_unnamed(content, shape if isinstance(shape, str) else "")
            return
        name, shape = given, _text(child)
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
