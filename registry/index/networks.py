"""Which of many networks an address belongs to: the longest prefix, found by bisection."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import Generic, TypeVar

Network = IPv4Network | IPv6Network
Value = TypeVar("Value")
_REMEMBERED_ADDRESSES = 65_536


@lru_cache(maxsize=_REMEMBERED_ADDRESSES)
def parse_address(text: str) -> tuple[int, int] | None:
    """(IP version, number) of an address; an IPv4-mapped IPv6 address is the IPv4 one; None for anything else."""
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if address.version == 6 else None  # noqa: PLR2004 (the version of IP)
    return (4, int(mapped)) if mapped is not None else (address.version, int(address))


class NetworkTable(Generic[Value]):
    """Networks with values; nested ones may be given in any order, of equal ones the first counts.

    Networks are nested or disjoint, so they cut the number line into segments, each with the value of the innermost.
    """

    def __init__(self, entries: Iterable[tuple[Network, Value]]) -> None:
        """Cut the segments."""
        self._segments: dict[int, tuple[list[int], list[Value | None]]] = {}
        by_version: dict[int, dict[Network, Value]] = {4: {}, 6: {}}
        for network, value in entries:
            by_version[network.version].setdefault(network, value)
        for version, networks in by_version.items():
            self._segments[version] = _segments(networks)

    def find(self, text: str) -> Value | None:
        """The value of the longest prefix that holds an address; None for no network or no address."""
        address = parse_address(text)
        if address is None:
            return None
        starts, values = self._segments[address[0]]
        place = bisect_right(starts, address[1]) - 1
        return values[place] if place >= 0 else None


def _segments(networks: dict[Network, Value]) -> tuple[list[int], list[Value | None]]:
    ordered = sorted(networks, key=lambda each: (int(each.network_address), each.prefixlen))
    starts: list[int] = []
    values: list[Value | None] = []
    enclosing: list[tuple[int, Value]] = []  # (first number beyond, value), the innermost last

    def begin(start: int, value: Value | None) -> None:
        if starts and starts[-1] == start:
            values[-1] = value
        else:
            starts.append(start)
            values.append(value)

    def leave_until(start: int | None) -> None:
        while enclosing and (start is None or enclosing[-1][0] <= start):
            end, _ = enclosing.pop()
            begin(end, enclosing[-1][1] if enclosing else None)

    for network in ordered:
        first = int(network.network_address)
        leave_until(first)
        begin(first, networks[network])
        enclosing.append((first + network.num_addresses, networks[network]))
    leave_until(None)
    return starts, values
