"""ECS names of the two ends of a connection."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import ip_address

from collectors.normalizers.document import whole_number
from events import Event

_LAST_PORT = 65535

TRANSPORTS = {1: "icmp", 2: "igmp", 6: "tcp", 17: "udp", 47: "gre", 50: "esp", 58: "ipv6-icmp", 132: "sctp"}
"""Names of IP protocols by their number (IANA), as ``network.transport`` spells them."""


def endpoint(side: str, address: str | None, port: object = None) -> Event:
    """One end of a connection: ``<side>.address`` as written, ``<side>.ip`` or ``<side>.domain``, ``<side>.port``."""
    event: Event = {}
    if address and address != "-":
        event[f"{side}.address"] = address
        ip = ip_text(address)
        if ip:
            event[f"{side}.ip"] = ip
        elif " " not in address:  # "AWS Internal" and the like name no host
            event[f"{side}.domain"] = address
    number = whole_number(port)
    if number is not None and 0 <= number <= _LAST_PORT:
        event[f"{side}.port"] = number
    return event


@lru_cache(maxsize=4096)
def ip_text(address: str) -> str | None:
    """The address in its canonical spelling, without brackets or zone; None where it is no IP address."""
    try:
        return str(ip_address(address.strip("[] ").partition("%")[0]))
    except ValueError:
        return None


def split_port(address: str) -> tuple[str, str | None]:
    """Address and port of ``192.0.2.1:443``, ``[2001:db8::1]:443`` or an address alone."""
    host, colon, port = address.rpartition(":")
    if not colon or not port.isdigit() or (":" in host and not host.endswith("]")):
        return address.strip("[]"), None
    return host.strip("[]"), port


def network_type(ip: str | None) -> str | None:
    """``ipv4`` or ``ipv6`` by the spelling of an address."""
    if not ip:
        return None
    return "ipv6" if ":" in ip else "ipv4"
