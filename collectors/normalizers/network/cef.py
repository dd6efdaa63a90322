r"""Common Event Format, bare or carried by syslog.

``CEF:version|vendor|product|device version|event class id|name|severity|key=value key=value…``; ``\|`` and ``\\``
escape in the header, ``\=``, ``\\``, ``\n`` and ``\r`` in the extension.
Source: ArcSight Common Event Format, Implementation Standard, versions 0 and 1.
"""

from __future__ import annotations

import re

from collectors.normalizers.contract import NormalizeError, SourceContext
from collectors.normalizers.document import carrier, message_of, present, whole_number
from collectors.normalizers.network.action import action_fields
from collectors.normalizers.network.cef_fields import EXTENSIONS, HASH_NAMES, SEVERITIES
from collectors.normalizers.network.cef_time import cef_timestamp
from collectors.normalizers.network_fields import TRANSPORTS, endpoint, ip_text
from collectors.normalizers.web_fields import request_target
from collectors.record import Reason, Record
from events import Event

_HEADER = re.compile(
    r"CEF: ?(?P<version>[0-9]{1,2})\|" + r"((?:[^|\\]|\\.)*)\|" * 5 + r"((?:[^|\\]|\\.)*)(?:\||$)", re.DOTALL
)
_KEY = re.compile(r"(?:^|(?<=\s))([A-Za-z0-9_][A-Za-z0-9_.:\[\]-]{0,1022})=", re.ASCII)
_HEADER_ESCAPE = re.compile(r"\\([\\|])")
_VALUE_ESCAPE = re.compile(r"\\([\\=|nr])")
_LINE_ENDS = {"n": "\n", "r": "\r"}
_LABEL = "Label"
_DIRECTIONS = {"0": "inbound", "1": "outbound"}


class CefNormalizer:
    """One CEF message a line."""

    name = "cef"

    def recognizes(self, record: Record) -> bool:
        """Whether the message is a CEF header, after whatever carries it."""
        return _HEADER.match(_cef_part(record)) is not None

    def normalize(self, record: Record, context: SourceContext) -> Event:
        """The event of a CEF message.

        Raises:
            NormalizeError: the header is incomplete, or neither extension nor syslog header says when.
        """
        message = _cef_part(record)
        found = _HEADER.match(message)
        if found is None:
            raise NormalizeError(Reason.INVALID, "CEF: the header has fewer than seven fields")
        extensions = parse_extensions(message[found.end() :])
        event: Event = {
            "@timestamp": cef_timestamp(extensions, record, context),
            "event.kind": "event",
            "event.dataset": "cef.log",
            "event.module": "cef",
        }
        event |= carrier(record) | _header_fields(found)
        event |= _ends(extensions) | _named(extensions)
        event |= action_fields(extensions.get("act"), extensions.get("outcome"), is_connection="source.ip" in event)
        event |= {f"cef.extensions.{name}": value for name, value in extensions.items()}
        return event | _labeled(extensions)


def parse_extensions(text: str) -> dict[str, str]:
    """The extension's keys and values, escapes resolved; a value reaches to the next key."""
    keys = list(_KEY.finditer(text))
    ends = [*(key.start() for key in keys), len(text)][1:]
    return {
        key[1]: _VALUE_ESCAPE.sub(
            lambda escape: _LINE_ENDS.get(escape[1], escape[1]), text[key.end() : end].rstrip(" \r\n")
        )
        for key, end in zip(keys, ends, strict=True)
    }


def _cef_part(record: Record) -> str:
    message = message_of(record)
    if message.startswith("CEF:"):
        return message
    # A tag "CEF" of the carrier swallows the format's own name when a space follows it.
    text = record.text or ""
    start = text.find("CEF:", 0, 512)
    return text[start:] if start >= 0 else ""


def _header_fields(found: re.Match[str]) -> Event:
    vendor, product, version, code, name, severity = (_HEADER_ESCAPE.sub(r"\1", part) for part in found.groups()[1:])
    number = whole_number(severity)
    return present(
        cef__version=found["version"],
        cef__device__vendor=vendor,
        cef__device__product=product,
        cef__device__version=version,
        cef__device__event_class_id=code,
        cef__name=name,
        cef__severity=severity,
        observer__vendor=vendor,
        observer__product=product,
        observer__version=version,
        event__code=code,
        event__severity=SEVERITIES.get(severity.lower()) if number is None else number,
        message=name,
    )


def _ends(extensions: dict[str, str]) -> Event:
    event: Event = {}
    for side, letter in (("source", "s"), ("destination", "d")):
        address = extensions.get("src" if letter == "s" else "dst") or extensions.get(f"{side}Address")
        port = extensions.get(f"{letter}pt") or extensions.get(f"{side}Port")
        host = extensions.get(f"{letter}host") or extensions.get(f"{side}HostName")
        event |= endpoint(side, address or host, port)
        if host:
            event[f"{side}.domain"] = host
    return event


def _named(extensions: dict[str, str]) -> Event:
    event: Event = {}
    for name, (field, is_number) in EXTENSIONS.items():
        value = extensions.get(name)
        if value:
            event |= present(**{field: whole_number(value) if is_number else value})
    transport = extensions.get("proto") or extensions.get("transportProtocol") or ""
    number = whole_number(transport)
    digest = extensions.get("fileHash", "")
    event |= present(
        network__transport=(TRANSPORTS.get(number) if number is not None else None) or transport.lower(),
        network__direction=_DIRECTIONS.get(extensions.get("deviceDirection", "")),
        observer__ip=ip_text(extensions.get("dvc", "")),
        user__name=extensions.get("suser") or extensions.get("duser"),
    )
    if len(digest) in HASH_NAMES:
        event[f"file.hash.{HASH_NAMES[len(digest)]}"] = digest.lower()
    url = extensions.get("request") or extensions.get("requestUrl")
    return event | (request_target(url) if url else {})


def _labeled(extensions: dict[str, str]) -> Event:
    """The custom fields by the labels the device gives them (``cs1`` with ``cs1Label``)."""
    labels = {name.removesuffix(_LABEL): label for name, label in extensions.items() if name.endswith(_LABEL)}
    return {f"cef.labels.{label}": extensions[name] for name, label in labels.items() if label and name in extensions}
