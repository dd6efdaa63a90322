"""Recorded captures, held against the session documents that a full-packet indexer makes of them.

What may differ and why: it merges conversations of protocols without ports and counts a datagram's fragments as one
packet, lists answers' additional records and whole certificate chains, and looks into OpenVPN.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from collectors.record import Record
from collectors.sources.pcap import read_capture

Document: TypeAlias = dict[str, Any]
_PORTED = frozenset({6, 17, 132})
Key: TypeAlias = tuple[frozenset[tuple[str, int]], int]


def _captures(folder: Path) -> Iterator[tuple[list[Document], list[Document]]]:
    """Expected sessions and our documents of each capture."""
    for test in sorted(folder.glob("*.test")):
        path = test.with_suffix(".pcap")
        if path.exists():
            sessions = [each["body"] for each in json.loads(test.read_text(encoding="utf-8"))["sessions3"]]
            items = list(read_capture(path))
            assert all(isinstance(item, Record) for item in items), path.name
            yield sessions, [dict(item.document or {}) for item in items if isinstance(item, Record)]


def _key(document: Document, protocol: int) -> Key:
    ends = (document["source"], document["destination"])
    ports = protocol in _PORTED
    return frozenset((str(ip_address(end["ip"])), end["port"] if ports else 0) for end in ends), protocol


def _sums(sessions: list[Document], flows: list[Document]) -> tuple[dict[Key, Counter[str]], dict[Key, Counter[str]]]:
    expected: dict[Key, Counter[str]] = {}
    found: dict[Key, Counter[str]] = {}
    for each in sessions:
        if "ip" in each["source"]:
            counts = expected.setdefault(_key(each, each["ipProtocol"]), Counter())
            counts.update(packets=each["network"]["packets"], bytes=each["network"]["bytes"])
    for flow in flows:
        counts = found.setdefault(_key(flow, flow["protocol"]), Counter())
        counts.update(
            packets=flow["sent"]["packets"] + flow["received"]["packets"],
            bytes=flow["sent"]["bytes"] + flow["received"]["bytes"],
        )
    return expected, found


def _said(sessions: list[Document], documents: list[Document]) -> Iterator[tuple[str, set[Any], set[Any]]]:
    """What both say of each protocol: name, expected values, our values."""
    http = [each for each in documents if each["kind"] == "http"]
    tls = [each for each in documents if each["kind"] == "tls"]
    dns = [each for each in documents if each["kind"] == "dns"]
    requests = [each["request"] for each in http if "request" in each]
    yield "method", _all(sessions, "http", "method"), {each["method"] for each in requests}
    yield "path", _all(sessions, "http", "path"), {each["uri"].partition("?")[0] for each in requests}
    yield "agent", _all(sessions, "http", "useragent"), {each.get("user_agent") for each in requests}
    yield (
        "status",
        _all(sessions, "http", "statuscode"),
        {each["response"]["status"] for each in http if "response" in each},
    )
    yield "ja3", _all(sessions, "tls", "ja3"), {each.get("client", {}).get("ja3") for each in tls}
    yield "ja3s", _all(sessions, "tls", "ja3s"), {each.get("server", {}).get("ja3s") for each in tls}
    yield "cipher", _all(sessions, "tls", "cipher"), {each.get("server", {}).get("cipher") for each in tls}
    asked = {query.get("queryHost", "").lower() for each in sessions for query in each.get("dns", [])} - {"", "<root>"}
    yield "dns", asked, {each["query"].get("name", "").lower() for each in dns}


def _all(sessions: list[Document], part: str, name: str) -> set[Any]:
    return {value for each in sessions for value in each.get(part, {}).get(name, [])}


@pytest.mark.shared_data
def test_flows_and_exchanges_agree_with_the_reference(shared_data: Path) -> None:
    tally: Counter[str] = Counter()
    for sessions, documents in _captures(shared_data / "pcap"):
        expected, found = _sums(sessions, [each for each in documents if each["kind"] == "flow"])
        tally.update(flows=len(expected), found=len(expected.keys() & found.keys()))
        tally.update(exact=sum(found.get(key) == counts for key, counts in expected.items()))
        for name, said, ours in _said(sessions, documents):
            tally.update({f"{name} of": len(said), f"{name} agreed": len(said & ours)})
    names = ("method", "path", "agent", "status", "ja3", "ja3s", "cipher", "dns")
    shares = {name: tally[f"{name} agreed"] / tally[f"{name} of"] for name in names}
    assert tally["found"] >= 0.99 * tally["flows"] > 200
    assert tally["exact"] >= 0.97 * tally["flows"]
    assert min(shares.values()) >= 0.9, shares
    assert shares["method"] == shares["path"] == shares["status"] == 1
