"""How a field of EventData becomes ECS fields: one function a kind named in ``events.yml``.

Each takes the event, the text and the ECS name (or the name of the ECS object), and writes what the text says;
text that says nothing of the kind writes nothing, as the original stays in ``winlog.event_data.`` anyway.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache

from collectors.normalizers.network_fields import TRANSPORTS, ip_text
from events import Event

Conversion = Callable[[Event, str, str], None]

_CACHED = 4096
_MAPPED_IPV4 = "::ffff:"
_LARGEST_LONG = 2**63 - 1
_PORT_DIGITS = 5


def text(event: Event, value: str, name: str) -> None:
    """The text itself."""
    event[name] = value


def number(event: Event, value: str, name: str) -> None:
    """A whole number, decimal or hexadecimal with ``0x``."""
    whole = _whole(value)
    if whole is not None:
        event[name] = whole


def address(event: Event, value: str, side: str) -> None:
    """An address as one end of a connection: ``<side>.ip``."""
    ip = _ip(value)
    if ip is not None:
        event[f"{side}.ip"] = ip


def port(event: Event, value: str, side: str) -> None:
    """A port as one end of a connection; 0 stands for none."""
    if value.isdecimal() and len(value) <= _PORT_DIGITS and value != "0":
        event[f"{side}.port"] = int(value)


def executable(event: Event, value: str, role: str) -> None:
    """The path of a program: ``<role>.executable`` and ``<role>.name``."""
    event[f"{role}.executable"] = value
    event[f"{role}.name"] = _base_name(value)


def file(event: Event, value: str, role: str) -> None:
    """The path of a file: its path, folder, name and extension."""
    folder, name, extension = _path_parts(value)
    event[f"{role}.path"] = value
    event[f"{role}.name"] = name
    if role == "file":
        if folder:
            event["file.directory"] = folder
        if extension:
            event["file.extension"] = extension


def account(event: Event, value: str, role: str) -> None:
    r"""An account written ``DOMAIN\name``."""
    domain, separator, name = value.rpartition("\\")
    event[f"{role}.name"] = name
    if separator:
        event[f"{role}.domain"] = domain


def hashes(event: Event, value: str, role: str) -> None:
    """Sysmon's ``SHA1=…,MD5=…,SHA256=…,IMPHASH=…``."""
    for name, digest in _hashes(value):
        event[f"{role}.{name}"] = digest


def registry(event: Event, value: str, role: str) -> None:
    """The path of a registry value as Sysmon writes it: hive, key and value."""
    hive, _, rest = value.lstrip("\\").partition("\\")
    key, _, name = rest.rpartition("\\")
    event[f"{role}.path"] = value
    event[f"{role}.hive"] = hive
    if key:
        event[f"{role}.key"] = key
        event[f"{role}.value"] = name


def transport(event: Event, value: str, name: str) -> None:
    """A protocol by name or by its IANA number."""
    protocol = TRANSPORTS.get(int(value)) if value.isdecimal() and len(value) <= _PORT_DIGITS else value.lower()
    if protocol:
        event[name] = protocol


def initiated(event: Event, value: str, name: str) -> None:
    """Whether the host opened the connection, as its direction."""
    event[name] = "egress" if value.lower() == "true" else "ingress"


def answers(event: Event, value: str, role: str) -> None:
    """The answers to a DNS query as Sysmon writes them: ``type: 5 name;::ffff:192.0.2.1;``."""
    found = [part.rsplit(" ", 1)[-1] for part in value.split(";") if part.strip(" -")]
    if found:
        event[f"{role}.answers.data"] = list(found)
        resolved = [ip for ip in map(_ip, found) if ip is not None]
        if resolved:
            event[f"{role}.resolved_ip"] = list(resolved)


CONVERSIONS: Mapping[str, Conversion] = {
    conversion.__name__: conversion
    for conversion in (
        text, number, address, port, executable, file, account, hashes, registry, transport, initiated, answers,
    )
}  # fmt: skip
_PARTS: Mapping[Conversion, tuple[str, ...]] = {
    address: (".ip",),
    port: (".port",),
    executable: (".executable", ".name"),
    file: (".path", ".name", ".directory", ".extension"),
    account: (".name", ".domain"),
    hashes: (".hash.md5", ".hash.sha1", ".hash.sha256", ".pe.imphash"),
    registry: (".path", ".hive", ".key", ".value"),
    answers: (".answers.data", ".resolved_ip"),
}


def outputs_of(conversion: Conversion, target: str) -> tuple[str, ...]:
    """All names that a conversion may write for a target."""
    return tuple(f"{target}{part}" for part in _PARTS.get(conversion, ("",)))


@lru_cache(_CACHED)
def _whole(value: str) -> int | None:
    try:
        whole = int(value, 16) if value[:2].lower() == "0x" else int(value)
    except ValueError:
        return None
    return whole if abs(whole) <= _LARGEST_LONG else None


@lru_cache(_CACHED)
def _ip(value: str) -> str | None:
    return ip_text(value.lower().removeprefix(_MAPPED_IPV4)) or ip_text(value)


@lru_cache(_CACHED)
def _base_name(path: str) -> str:
    return path.rsplit("\\", 1)[-1]


@lru_cache(_CACHED)
def _path_parts(path: str) -> tuple[str, str, str]:
    folder, _, name = path.rpartition("\\")
    stem, _, extension = name.rpartition(".")
    return folder, name, extension if stem else ""


@lru_cache(_CACHED)
def _hashes(value: str) -> tuple[tuple[str, str], ...]:
    pairs = (part.partition("=") for part in value.split(","))
    return tuple(
        ("pe.imphash" if name.lower() == "imphash" else f"hash.{name.lower()}", digest.lower())
        for name, separator, digest in pairs
        if separator and name.lower() in {"md5", "sha1", "sha256", "imphash"}
    )
