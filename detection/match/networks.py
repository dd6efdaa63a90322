"""Which of many networks an address is in: looked up once for each length of prefix that there is."""

from __future__ import annotations

import ipaddress
from collections import defaultdict
from collections.abc import Iterator, Mapping

from detection.rules.expression import CidrTest

_LONGEST_ADDRESS = 64


class NetworkIndex:
    """Finds the networks that an address is in; an IPv4 address written as one of IPv6 is in those of both."""

    def __init__(self, tests: Mapping[int, CidrTest]) -> None:
        """Take the tests by number."""
        # By version, then by how many bits of an address name a host; of those, by the bits left.
        self._networks: dict[int, dict[int, dict[int, list[int]]]] = {4: {}, 6: {}}
        for number, test in tests.items():
            network = ipaddress.ip_network(test.network)
            host_bits = network.max_prefixlen - network.prefixlen
            alike = self._networks[network.version].setdefault(host_bits, defaultdict(list))
            alike[int(network.network_address) >> host_bits].append(number)

    def find(self, text: str) -> list[int]:
        """The numbers of the networks that the text is an address in."""
        found: list[int] = []
        for address in _addresses(text):
            bits = int(address)
            for host_bits, networks in self._networks[address.version].items():
                found += networks.get(bits >> host_bits, ())
        return found


def _addresses(text: str) -> Iterator[ipaddress.IPv4Address | ipaddress.IPv6Address]:
    """The address that a text is, and the one of IPv4 that it maps; none where it is no address."""
    if len(text) > _LONGEST_ADDRESS:
        return
    try:
        address = ipaddress.ip_address(text.strip())
    except ValueError:
        return
    yield address
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        yield address.ipv4_mapped
