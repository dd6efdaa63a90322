"""MISP: events with their attributes and objects (MISP core format), and lists in the form of its warning lists."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import BinaryIO

from detection.intelligence.errors import IntelligenceError
from detection.intelligence.reading.document import map_at, maps_at, read_json, text_at, texts_at
from detection.intelligence.reading.gathering import Details, Gathering, tlp_of
from detection.intelligence.reading.plain_list import read_list
from detection.intelligence.values import IndicatorType

_HASHES = ("md5", "sha1", "sha256", "sha512")
_PARTS: dict[str, tuple[IndicatorType | None, ...]] = {
    "ip-src": (IndicatorType.IP,),
    "ip-dst": (IndicatorType.IP,),
    "ip-src|port": (IndicatorType.IP, None),
    "ip-dst|port": (IndicatorType.IP, None),
    "domain": (IndicatorType.DOMAIN,),
    "hostname": (IndicatorType.DOMAIN,),
    "hostname|port": (IndicatorType.DOMAIN, None),
    "domain|ip": (IndicatorType.DOMAIN, IndicatorType.IP),
    "url": (IndicatorType.URL,),
    **dict.fromkeys(_HASHES, (IndicatorType.HASH,)),
    **{f"filename|{name}": (None, IndicatorType.HASH) for name in _HASHES},
}
"""Types of attributes by what the parts of their value, divided by ``|``, are; None is of no use here."""


def read_misp(file: BinaryIO, gathering: Gathering) -> Iterator[None]:
    """Gather the attributes that MISP would detect with (``to_ids``), one a step; others are noted by their UUID.

    Raises:
        IntelligenceError: the document is neither event nor list.
    """
    content = file.read()
    if not content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        file.seek(0)
        yield from read_list(file, gathering)
        return
    document = read_json(content, gathering)
    if isinstance(document.get("list"), list):
        yield from _read_warning_list(document, gathering)
        return
    events = [map_at(each, "Event") for each in (document, *maps_at(document, "response"))]
    if not any(events):
        raise IntelligenceError("no MISP event ('Event' or 'response') and no list ('list'); check the file's form")
    for event in events:
        yield from _read_event(event, gathering)


def _read_warning_list(document: Mapping[str, object], gathering: Gathering) -> Iterator[None]:
    name = text_at(document, "name")
    for number, value in enumerate(texts_at(document, "list"), start=1):
        gathering.add(value, None, Details(reference=f"entry {number}", source=name))
        yield


def _read_event(event: Mapping[str, object], gathering: Gathering) -> Iterator[None]:
    source = text_at(map_at(event, "Orgc"), "name")
    tags = _tags(event)
    for attribute in _attributes(event):
        own = _tags(attribute)
        details = Details(
            reference=text_at(attribute, "uuid"),
            source=source,
            tlp=next((tlp for tag in (*own, *tags) if tag.lower().startswith("tlp:") and (tlp := tlp_of(tag))), None),
            labels=tuple(tag for tag in (*own, *tags) if not tag.lower().startswith("tlp:")),
            description=text_at(attribute, "comment") or text_at(event, "info"),
        )
        _read_attribute(attribute, details, gathering)
        yield


def _attributes(event: Mapping[str, object]) -> Iterator[Mapping[str, object]]:
    yield from maps_at(event, "Attribute")
    for group in maps_at(event, "Object"):
        yield from maps_at(group, "Attribute")


def _tags(holder: Mapping[str, object]) -> list[str]:
    return [text_at(tag, "name") for tag in maps_at(holder, "Tag")]


def _read_attribute(attribute: Mapping[str, object], details: Details, gathering: Gathering) -> None:
    kind, value = text_at(attribute, "type"), text_at(attribute, "value")
    if attribute.get("deleted") is True:
        gathering.refuse(details.reference, "deleted by its source")
    elif attribute.get("to_ids") not in (True, "1", 1):
        gathering.refuse(details.reference, "not meant for detection (to_ids is off)")
    elif kind not in _PARTS:
        gathering.refuse(details.reference, f"attributes of type '{kind[:40]}' are not compared with events")
    elif len(parts := value.split("|")) != len(_PARTS[kind]):
        gathering.refuse(details.reference, f"the value does not have the parts of '{kind}'; correct it")
    else:
        for part, meant in zip(parts, _PARTS[kind], strict=True):
            if meant is not None:
                gathering.add(part, meant, details)
