"""A STIX bundle is read in full, or what it holds beyond is named with the reason why not."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detection.intelligence import IndicatorFormat
from detection.intelligence.errors import NoIndicatorError
from detection.intelligence.reading.stix_pattern import values_named
from tests.detection.intelligence.documents import (
    MD5,
    SECOND_2026,
    SHA1,
    SHA256,
    read_document,
    stix_bundle,
    stix_indicator,
    values_of,
)


def test_a_stix_bundle_gives_values_with_all_that_is_said_of_them() -> None:
    identity = {"type": "identity", "id": "identity--1", "name": "Provincial CERT"}
    own_marking = {
        "type": "marking-definition",
        "id": "marking-definition--own",
        "definition_type": "tlp",
        "definition": {"tlp": "red"},
    }
    reading = read_document(
        IndicatorFormat.STIX,
        stix_bundle(
            identity,
            own_marking,
            stix_indicator(
                1,
                "[ipv4-addr:value = '198.51.100.7' OR domain-name:value IN ('Evil.Example', 'bad.example')]",
                created_by_ref="identity--1",
                confidence=85,
                valid_until="2026-07-01T00:00:00.000Z",
                labels=["botnet"],
                indicator_types=["malicious-activity"],
                description="Relay",
                object_marking_refs=["marking-definition--f88d31f6-486f-44da-b317-01333bde0b82"],
            ),
            stix_indicator(
                2, r"[url:value = 'http://x.example/it\'s']", object_marking_refs=["marking-definition--own"]
            ),
        ),
    )
    assert reading.problems == []
    assert values_of(reading) == [
        ("ip", "198.51.100.7"),
        ("domain", "evil.example"),
        ("domain", "bad.example"),
        ("url", "http://x.example/it's"),
    ]
    first, last = reading.indicators[0], reading.indicators[-1]
    assert (first.source, first.confidence, first.tlp) == ("Provincial CERT", 85, "amber")
    assert (first.valid_from_ms, first.valid_until_ms) == (SECOND_2026, SECOND_2026 + 181 * 86_400_000)
    assert first.labels == ("botnet", "malicious-activity")
    assert (last.source, last.confidence, last.tlp, last.valid_until_ms) == ("importer", 50, "red", None)


@pytest.mark.parametrize(
    ("pattern", "named"),
    [
        ("[ipv4-addr:value = '10.1.0.0/16']", [("ip", "10.1.0.0/16")]),
        ("[ipv4-addr:value ISSUBSET '10.1.0.0/16']", [("ip", "10.1.0.0/16")]),
        ("[ipv6-addr:value = '2001:DB8::1']", [("ip", "2001:DB8::1")]),
        (f"[file:hashes.'SHA-256' = '{SHA256}']", [("hash", SHA256)]),
        (f"[file:hashes.MD5='{MD5}' AND file:hashes.\"SHA-1\"='{SHA1}']", [("hash", MD5), ("hash", SHA1)]),
        ("([url:value='http://a.example/']) OR [url:value='http://b.example/']", 2),
        ("[network-traffic:dst_ref.type='ipv4-addr' AND network-traffic:dst_ref.value='192.0.2.1']", 1),
        ("[(domain-name:value='a.example' OR (domain-name:value='b.example'))]", 2),
        ("[network-traffic:dst_ref.value = 'c2.example']", [("domain", "c2.example")]),
    ],
)
def test_a_pattern_of_single_values_is_read_in_full(pattern: str, named: object) -> None:
    found = values_named(pattern, 32)
    assert (len(found) if isinstance(named, int) else [(kind.value, text) for kind, text in found]) == named


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ("[domain-name:value='a.example' AND ipv4-addr:value='192.0.2.1']", "AND joins"),
        (f"[file:name='x.exe' AND file:hashes.MD5='{MD5}']", "file:name"),
        ("[url:value='http://a/'] FOLLOWEDBY [url:value='http://b/']", "FOLLOWEDBY"),
        ("[url:value='http://a/'] AND [url:value='http://b/']", "AND between"),
        ("[url:value='http://a/'] REPEATS 5 TIMES WITHIN 10 SECONDS", "REPEATS"),
        ("[domain-name:value LIKE '%.example']", "LIKE"),
        ("[domain-name:value MATCHES 'a.*']", "MATCHES"),
        ("[ipv4-addr:value != '192.0.2.1']", "!="),
        ("[NOT ipv4-addr:value = '192.0.2.1']", "breaks off"),
        ("[ipv4-addr:value NOT = '192.0.2.1']", "NOT"),
        ("[url:value ISSUBSET '10.0.0.0/8']", "ISSUBSET"),
        ("[file:hashes.SSDEEP='3:a:b']", "hash that events do not hold"),
        ("[ipv4-addr:value = '192.0.2.1'", "breaks off"),
        ("[ipv4-addr:value = 192]", "breaks off"),
        ("[ipv4-addr:value = '192.0.2.1']]", "breaks off"),
        ("", "breaks off"),
        ("(" * 40 + "[url:value='http://a/']" + ")" * 40, "nested too deeply"),
    ],
)
def test_a_pattern_that_asks_for_more_is_refused_with_its_reason(pattern: str, reason: str) -> None:
    with pytest.raises(NoIndicatorError, match=reason):
        values_named(pattern, 32)


def test_what_a_bundle_holds_beyond_is_named_by_id() -> None:
    reading = read_document(
        IndicatorFormat.STIX,
        stix_bundle(
            stix_indicator(1, "[domain-name:value LIKE '%.example']"),
            stix_indicator(2, "[ipv4-addr:value='192.0.2.1']", revoked=True),
            stix_indicator(3, "rule x {}", pattern_type="yara"),
            stix_indicator(4, "[ipv4-addr:value='192.0.2.1']", confidence=500),
            stix_indicator(5, "[ipv4-addr:value='192.0.2.1']", valid_until="soon"),
            stix_indicator(6, "[ipv4-addr:value='192.0.2.999']"),
            stix_indicator(7, "[ipv4-addr:value='192.0.2.1']", valid_until="2025-01-01T00:00:00Z"),
            stix_indicator(8, "[ipv4-addr:value='0.0.0.0/1']"),
            stix_indicator(9, "[domain-name:value='gov.cn']"),
        ),
    )
    assert reading.indicators == []
    assert [problem.reference[11:19] for problem in reading.problems] == [f"{number:08d}" for number in range(1, 10)]
    assert all(problem.reason for problem in reading.problems)


@settings(max_examples=300)
@given(st.text(alphabet="[]()='\\,:.-abipv4x 192/ORANDINurl\"", max_size=60))
def test_no_pattern_breaks_the_parser(pattern: str) -> None:
    try:
        named = values_named(pattern, 8)
    except NoIndicatorError:
        return
    assert named
