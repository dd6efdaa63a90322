"""Community ID flow hashing, version 1 with seed 0.

Source: Corelight, "Community ID specification", https://github.com/corelight/community-id-spec
"""

from __future__ import annotations

import base64
import hashlib
from ipaddress import ip_address

from collectors.sources.pcap.frame import Endpoint

_SEED = b"\x00\x00"
_ICMP, _ICMPV6 = 1, 58
_PORTED = frozenset({6, 17, 132})
_COUNTERPARTS = {
    _ICMP: {8: 0, 0: 8, 13: 14, 14: 13, 15: 16, 16: 15, 17: 18, 18: 17, 10: 9, 9: 10},
    _ICMPV6: {128: 129, 129: 128, 133: 134, 134: 133, 135: 136, 136: 135, 130: 131, 131: 130, 139: 140, 140: 139},
}
"""ICMP types that ask and answer each other: such a message counts as two-way, with its counterpart as other port."""


def community_id(source: Endpoint, destination: Endpoint, protocol: int) -> str:
    """The identifier (``1:…``) of a conversation, the same from either end."""
    one_way = False
    if protocol in _COUNTERPARTS:
        counterpart = _COUNTERPARTS[protocol].get(source.port)
        one_way = counterpart is None
        destination = Endpoint(destination.ip, destination.port if counterpart is None else counterpart)
    left = (ip_address(source.ip).packed, source.port)
    right = (ip_address(destination.ip).packed, destination.port)
    if not one_way and right < left:
        left, right = right, left
    data = _SEED + left[0] + right[0] + bytes((protocol, 0))
    if protocol in _PORTED or protocol in _COUNTERPARTS:
        data += left[1].to_bytes(2, "big") + right[1].to_bytes(2, "big")
    return "1:" + base64.b64encode(hashlib.sha1(data, usedforsecurity=False).digest()).decode("ascii")
