"""Where an address stands: the longest prefix, against a naive search."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from hypothesis import example, given
from hypothesis import strategies as st

from registry.index.networks import NetworkTable

_v4 = st.builds(
    lambda number, length: IPv4Network((number, length), strict=False),
    st.integers(0, 2**32 - 1) | st.sampled_from([0x0A000000, 0x0A140400, 0x0A140420, 0xFFFFFFFF]),
    st.integers(0, 32),
)
_v6 = st.builds(
    lambda number, length: IPv6Network((number, length), strict=False),
    st.integers(0, 2**128 - 1) | st.sampled_from([0x20010DB8 << 96, 1]),
    st.integers(0, 128),
)
_networks = st.lists(_v4 | _v6, unique=True, max_size=12)


def _edges(network: IPv4Network | IPv6Network) -> list[str]:
    first, last = int(network.network_address), int(network.broadcast_address)
    top = 2**network.max_prefixlen - 1
    around = {first, last, max(first - 1, 0), min(last + 1, top)}
    kind = type(network.network_address)
    return [str(kind(number)) for number in sorted(around)]


@given(_networks, st.lists(st.ip_addresses().map(str), max_size=4))
@example([ip_network("0.0.0.0/0"), ip_network("255.255.255.255/32")], ["255.255.255.255", "0.0.0.1"])
def test_the_longest_prefix_wins(networks: list[IPv4Network | IPv6Network], others: list[str]) -> None:
    table = NetworkTable((network, str(network)) for network in networks)
    for text in [*others, *(edge for network in networks for edge in _edges(network))]:
        address = ip_address(text)
        if address.version == 6 and address.ipv4_mapped:
            continue
        holding = [each for each in networks if each.version == address.version and address in each]
        expected = str(max(holding, key=lambda each: each.prefixlen)) if holding else None
        assert table.find(text) == expected


def test_a_mapped_address_is_the_one_it_maps_and_no_address_is_nowhere() -> None:
    table = NetworkTable([(ip_network("10.20.0.0/16"), "inside")])
    assert table.find("::ffff:10.20.1.1") == "inside"
    assert [table.find(text) for text in ("", "10.20.1", "host", "10.20.1.1 ", "::ffff:10.21.1.1")] == [None] * 5


def test_of_equal_networks_the_first_counts() -> None:
    network = ip_network("10.0.0.0/8")
    assert NetworkTable([(network, "first"), (network, "second")]).find("10.1.1.1") == "first"
