"""What an indicator's value is: recognized, checked, and in the one spelling by which it is compared."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from enum import StrEnum
from urllib.parse import urlsplit

from detection.intelligence.errors import NoIndicatorError


class IndicatorType(StrEnum):
    """What kind of value an indicator names; ``ip`` is an address or a network."""

    IP = "ip"
    DOMAIN = "domain"
    URL = "url"
    HASH = "hash"


Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

HASH_LENGTHS = (32, 40, 64, 128)
"""Hexadecimal digits of MD5, SHA-1, SHA-256 and SHA-512."""
_LONGEST_ADDRESS = 64
_LONGEST_DOMAIN = 253
_ADDRESS = re.compile(r":|^\s*\d+\.\d+\.")
"""What every address has somewhere; looking for it costs less than finding out that a domain is none."""
_HEXADECIMAL = re.compile(r"[0-9a-f]{1,128}")
_SPACE = re.compile(r"\s")
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_DEFANGED_SCHEME = re.compile(r"(?i)hxxp(?=s?://|s?\[:)")
_DEFANGED = re.compile(r"(?i)hxxp|[\[(]")
_DEFANGED_MARKS = {"[.]": ".", "(.)": ".", "[:]": ":", "[://]": "://"}
_DEFAULT_PORTS = {"http": ":80", "https": ":443", "ftp": ":21"}


def recognize(text: str) -> tuple[IndicatorType, str]:
    """Type and spelling of a value that names no type; ``hxxp://evil[.]example`` is read as what it means.

    Raises:
        NoIndicatorError: the value is of no type that events are compared with.
    """
    cleaned = refanged(text)
    for kind in _URL_FIRST if "://" in cleaned else _ADDRESS_FIRST:
        found = _SPELL[kind](cleaned)
        if found is not None:
            return kind, found
    raise NoIndicatorError("no address, network, domain, URL or file hash; correct the value or remove the line")


def normalized(kind: IndicatorType, text: str) -> str:
    """A value of a known type in its one spelling.

    Raises:
        NoIndicatorError: the text is no value of that type.
    """
    found = _SPELL[kind](refanged(text))
    if found is None:
        raise NoIndicatorError(f"no {_NAMES[kind]}; correct the value")
    return found


_NAMES = {
    IndicatorType.IP: "address or network such as 198.51.100.7 or 2001:db8::/32",
    IndicatorType.DOMAIN: "domain of at least two labels such as evil.example",
    IndicatorType.URL: "URL with scheme and host such as http://evil.example/x",
    IndicatorType.HASH: "MD5, SHA-1, SHA-256 or SHA-512 in hexadecimal",
}


def refanged(text: str) -> str:
    """A value as it was before somebody made it safe to click on."""
    cleaned = text.strip()
    if not _DEFANGED.search(cleaned):
        return cleaned
    cleaned = _DEFANGED_SCHEME.sub("http", cleaned)
    for mark, meant in _DEFANGED_MARKS.items():
        cleaned = cleaned.replace(mark, meant)
    return cleaned


def address_of(text: str) -> Address | None:
    """The address that a text is; a v4 one written as v4-mapped v6 is that v4 address (RFC 4291 §2.5.5.2)."""
    if len(text) > _LONGEST_ADDRESS or _ADDRESS.search(text) is None:
        return None
    try:
        address = ipaddress.ip_address(text.strip().partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def domain_of(text: str) -> str | None:
    """A domain in lower case, without the root's dot, in ASCII (RFC 5890); None for anything else."""
    lowered = text.strip().lower().removesuffix(".")
    if not lowered.isascii():
        try:
            lowered = lowered.encode("idna").decode("ascii")
        except UnicodeError:
            return None
    if not lowered or len(lowered) > _LONGEST_DOMAIN:
        return None
    labels = lowered.split(".")
    return lowered if all(_LABEL.fullmatch(label) for label in labels) and not labels[-1].isdigit() else None


def url_of(text: str) -> str | None:
    """A URL with scheme and host in lower case, without default port and fragment, its path at least ``/``."""
    try:
        parts = urlsplit(text.strip())
        port = parts.port
    except ValueError:
        return None
    host, scheme = (parts.hostname or "").lower(), parts.scheme.lower()
    if not scheme or not host or _SPACE.search(text.strip()):
        return None
    named = f"[{host}]" if ":" in host else host
    kept = "" if port is None or f":{port}" == _DEFAULT_PORTS.get(scheme) else f":{port}"
    account, separator, _ = parts.netloc.rpartition("@")
    query = f"?{parts.query}" if parts.query else ""
    return f"{scheme}://{account}{separator}{named}{kept}{parts.path or '/'}{query}"


def default_port(scheme: str) -> str:
    """``:80`` for ``http``; empty where a scheme has none that we know."""
    return _DEFAULT_PORTS.get(scheme, "")


def _network(text: str) -> str | None:
    """An address, or a network of more than one, as text."""
    head, _, prefix = text.partition("/")
    address = address_of(head)
    if address is None:
        return None
    if not prefix:
        return None if "/" in text else str(address)
    try:
        network = ipaddress.ip_network(text.strip(), strict=False)
    except ValueError:
        return None
    if network.version != address.version:  # v4-mapped: ::ffff:192.0.2.0/120
        if network.prefixlen < _MAPPED_PREFIX:
            return None
        network = ipaddress.ip_network(f"{address}/{network.prefixlen - _MAPPED_PREFIX}", strict=False)
    return str(network[0]) if network.num_addresses == 1 else str(network)


_MAPPED_PREFIX = 96


def _domain(text: str) -> str | None:
    found = domain_of(text.removeprefix("*."))
    return found if found is not None and "." in found else None


def _hash(text: str) -> str | None:
    lowered = text.strip().lower()
    return lowered if len(lowered) in HASH_LENGTHS and _HEXADECIMAL.fullmatch(lowered) else None


_SPELL: dict[IndicatorType, Callable[[str], str | None]] = {
    IndicatorType.IP: _network,
    IndicatorType.DOMAIN: _domain,
    IndicatorType.URL: url_of,
    IndicatorType.HASH: _hash,
}
_URL_FIRST = (IndicatorType.URL, IndicatorType.IP, IndicatorType.HASH, IndicatorType.DOMAIN)
_ADDRESS_FIRST = (IndicatorType.IP, IndicatorType.HASH, IndicatorType.DOMAIN, IndicatorType.URL)
