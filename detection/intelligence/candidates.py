"""From a value of an event to the spellings under which an indicator would name it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from detection.intelligence.values import IndicatorType, address_of, domain_of, url_of

_IP_VERSION_4 = 4
_HASHES = re.compile(r"(?<![0-9a-f])(?:[0-9a-f]{128}|[0-9a-f]{64}|[0-9a-f]{40}|[0-9a-f]{32})(?![0-9a-f])")
_LONGEST_HASHES = 4_096
_LONGEST_URL = 4_096

Candidates = Callable[[str], Iterator[str]]


@dataclass(frozen=True, slots=True)
class PrefixLengths:
    """The prefix lengths of the networks in a set of indicators, by version; single addresses are none."""

    v4: tuple[int, ...] = ()
    v6: tuple[int, ...] = ()


def candidates_by_type(prefixes: PrefixLengths) -> Mapping[IndicatorType, Candidates]:
    """For each type of indicator, what tells the spellings of a field's value."""

    def addresses(text: str) -> Iterator[str]:
        return _networks(text, prefixes)

    return {
        IndicatorType.IP: addresses,
        IndicatorType.DOMAIN: _domains,
        IndicatorType.URL: _urls,
        IndicatorType.HASH: _hashes,
    }


def _networks(text: str, prefixes: PrefixLengths) -> Iterator[str]:
    """An address, and each network of a known length that it lies in."""
    address = address_of(text)
    if address is None:
        return
    yield str(address)
    number, kind = int(address), type(address)
    for length in prefixes.v4 if address.version == _IP_VERSION_4 else prefixes.v6:
        host_bits = address.max_prefixlen - length
        yield f"{kind(number >> host_bits << host_bits)}/{length}"


def _domains(text: str) -> Iterator[str]:
    """A domain and everything above it down to two labels."""
    domain = domain_of(text)
    while domain is not None and "." in domain:
        yield domain
        domain = domain.partition(".")[2]


def _urls(text: str) -> Iterator[str]:
    if len(text) <= _LONGEST_URL and (url := url_of(text)) is not None:
        yield url


def _hashes(text: str) -> Iterator[str]:
    """Every digest in a text, which is mostly one."""
    if len(text) <= _LONGEST_HASHES:
        yield from dict.fromkeys(_HASHES.findall(text.lower()))
