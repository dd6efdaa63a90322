"""What is published in STIX, CSV, MISP and lists is read in full, or named with the reason why not."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from detection.intelligence import (
    IndicatorFormat,
    IntelligenceError,
    Reading,
    load_intelligence_policy,
    read_indicators,
    stream_indicators,
)
from detection.intelligence.errors import NoIndicatorError
from detection.intelligence.reading.stix_pattern import values_named
from detection.intelligence.values import IndicatorType, normalized, recognize

MD5, SHA1, SHA256 = "d4" * 16, "5a" * 20, "0f" * 32
SECOND_2026 = 1_767_225_600_000


def _read(form: IndicatorFormat, content: object, source: str = "importer") -> Reading:
    data = content if isinstance(content, bytes) else json.dumps(content).encode()
    return read_indicators(data, form, source)


def _indicator(number: int, pattern: str, **extra: object) -> dict[str, Any]:
    return {
        "type": "indicator",
        "spec_version": "2.1",
        "id": f"indicator--{number:08d}-0000-4000-8000-000000000000",
        "created": "2026-01-01T00:00:00.000Z",
        "modified": "2026-01-01T00:00:00.000Z",
        "pattern_type": "stix",
        "pattern": pattern,
        "valid_from": "2026-01-01T00:00:00Z",
        **extra,
    }


def _bundle(*objects: dict[str, Any]) -> dict[str, Any]:
    return {"type": "bundle", "id": "bundle--00000000-0000-4000-8000-000000000000", "objects": list(objects)}


def _values(reading: Reading) -> list[tuple[str, str]]:
    return [(each.type.value, each.value) for each in reading.indicators]


def test_a_stix_bundle_gives_values_with_all_that_is_said_of_them() -> None:
    identity = {"type": "identity", "id": "identity--1", "name": "Provincial CERT"}
    own_marking = {
        "type": "marking-definition",
        "id": "marking-definition--own",
        "definition_type": "tlp",
        "definition": {"tlp": "red"},
    }
    reading = _read(
        IndicatorFormat.STIX,
        _bundle(
            identity,
            own_marking,
            _indicator(
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
            _indicator(2, r"[url:value = 'http://x.example/it\'s']", object_marking_refs=["marking-definition--own"]),
        ),
    )
    assert reading.problems == []
    assert _values(reading) == [
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
    reading = _read(
        IndicatorFormat.STIX,
        _bundle(
            _indicator(1, "[domain-name:value LIKE '%.example']"),
            _indicator(2, "[ipv4-addr:value='192.0.2.1']", revoked=True),
            _indicator(3, "rule x {}", pattern_type="yara"),
            _indicator(4, "[ipv4-addr:value='192.0.2.1']", confidence=500),
            _indicator(5, "[ipv4-addr:value='192.0.2.1']", valid_until="soon"),
            _indicator(6, "[ipv4-addr:value='192.0.2.999']"),
            _indicator(7, "[ipv4-addr:value='192.0.2.1']", valid_until="2025-01-01T00:00:00Z"),
            _indicator(8, "[ipv4-addr:value='0.0.0.0/1']"),
            _indicator(9, "[domain-name:value='gov.cn']"),
        ),
    )
    assert reading.indicators == []
    assert [problem.reference[11:19] for problem in reading.problems] == [f"{number:08d}" for number in range(1, 10)]
    assert all(problem.reason for problem in reading.problems)


def test_a_misp_event_gives_what_is_meant_for_detection() -> None:
    def attribute(number: int, kind: str, value: str, **extra: object) -> dict[str, Any]:
        return {"uuid": f"a-{number}", "type": kind, "value": value, "to_ids": True, "comment": "", **extra}

    event = {
        "Event": {
            "info": "Phishing of officials",
            "Orgc": {"name": "Sector CERT"},
            "Tag": [{"name": "tlp:amber"}, {"name": "kill-chain:delivery"}],
            "Attribute": [
                attribute(1, "ip-dst|port", "192.0.2.9|8443"),
                attribute(2, "domain|ip", "mail.evil.example|192.0.2.10", Tag=[{"name": "tlp:red"}]),
                attribute(3, "filename|sha256", f"文件.exe|{SHA256}"),
                attribute(4, "url", "hxxp://evil[.]example/login", to_ids=False),
                attribute(5, "mutex", "Global\\x"),
                attribute(6, "md5", "not a hash"),
                attribute(7, "sha1", SHA1, deleted=True),
                attribute(8, "filename|md5", MD5),
            ],
            "Object": [{"name": "file", "Attribute": [attribute(9, "md5", MD5.upper())]}],
        }
    }
    reading = _read(IndicatorFormat.MISP, {"response": [event]})
    assert _values(reading) == [
        ("ip", "192.0.2.9"),
        ("domain", "mail.evil.example"),
        ("ip", "192.0.2.10"),
        ("hash", SHA256),
        ("hash", MD5),
    ]
    assert {each.source for each in reading.indicators} == {"Sector CERT"}
    assert [each.tlp for each in reading.indicators] == ["amber", "red", "red", "amber", "amber"]
    assert reading.indicators[0].labels == ("kill-chain:delivery",)
    assert reading.indicators[0].description == "Phishing of officials"
    assert [problem.reference for problem in reading.problems] == ["a-4", "a-5", "a-6", "a-7", "a-8"]
    assert _read(IndicatorFormat.MISP, event) == reading


def test_misp_lists_are_read_as_documents_and_as_lines() -> None:
    document = {"name": "Sinkholes", "type": "cidr", "list": ["192.0.2.0/24", "nonsense value"]}
    reading = _read(IndicatorFormat.MISP, document)
    assert (_values(reading), reading.indicators[0].source) == ([("ip", "192.0.2.0/24")], "Sinkholes")
    assert [problem.reference for problem in reading.problems] == ["entry 2"]
    lines = b"# feed\r\n192.0.2.1 # seen today\n\nevil[.]example\n; note\nx y\n"
    for form in (IndicatorFormat.MISP, IndicatorFormat.LIST):
        plain = _read(form, lines)
        assert _values(plain) == [("ip", "192.0.2.1"), ("domain", "evil.example")]
        assert [problem.reference for problem in plain.problems] == ["line 6"]


def test_a_table_is_read_by_its_header() -> None:
    text = (
        "\ufeffValue,confidence,source,valid_until,description\n"
        '203.0.113.0/24,70,Exchange,2026-01-01,"scanner, loud"\n'
        f"{SHA256},,,,\n"
        "evil.example,200,,,\n"
        "evil.example,5,,never,\n"
        "evil.example,5,,,,extra\n"
        "中文.example,5,,,\n"
    )
    reading = _read(IndicatorFormat.CSV, text.encode())
    assert _values(reading) == [("ip", "203.0.113.0/24"), ("hash", SHA256), ("domain", "xn--fiq228c.example")]
    first = reading.indicators[0]
    assert (first.source, first.confidence, first.valid_until_ms) == ("Exchange", 70, SECOND_2026)
    assert first.description == "scanner, loud"
    assert [problem.reference for problem in reading.problems] == ["line 4", "line 5", "line 6"]


def test_a_type_given_is_believed_and_checked() -> None:
    reading = _read(IndicatorFormat.CSV, b"type,value\ndomain,evil.example\nip,evil.example\nfile,x\n")
    assert _values(reading) == [("domain", "evil.example")]
    assert [problem.reference for problem in reading.problems] == ["line 3", "line 4"]


@pytest.mark.parametrize(
    ("form", "content", "reason"),
    [
        (IndicatorFormat.STIX, b"{", "no JSON"),
        (IndicatorFormat.STIX, b"[]", "no JSON object"),
        (IndicatorFormat.STIX, b'{"type": "report"}', "no STIX bundle"),
        (IndicatorFormat.STIX, b'{"a":' * 100 + b"1" + b"}" * 100, "levels deep"),
        (IndicatorFormat.STIX, b"[" * 100_000, "no JSON"),
        (IndicatorFormat.MISP, b"{}", "no MISP event"),
        (IndicatorFormat.CSV, b"", "header"),
        (IndicatorFormat.CSV, b"value,secret\n1.1.1.1,x", "header"),
        (IndicatorFormat.CSV, b'value\n"x" y\n', "line 2: no valid CSV"),
        (IndicatorFormat.CSV, b"value\n" + b"x" * 200_000, "no valid CSV"),
        (IndicatorFormat.LIST, b"\xff\xfe", "UTF-8"),
    ],
)
def test_a_document_that_is_none_is_refused_with_its_reason(form: IndicatorFormat, content: bytes, reason: str) -> None:
    with pytest.raises(IntelligenceError, match=reason):
        _read(form, content)


def test_limits_hold() -> None:
    policy = load_intelligence_policy()
    small = policy.model_copy(
        update={"limits": policy.limits.model_copy(update={"bytes": 100, "indicators": 2, "value": 20, "problems": 1})}
    )

    def read(text: bytes) -> Reading:
        return read_indicators(text, IndicatorFormat.LIST, "x", small)

    with pytest.raises(IntelligenceError, match="split the file"):
        read(b"x" * 101)
    with pytest.raises(IntelligenceError, match="more than 2 indicators"):
        read(b"1.1.1.1\n1.1.1.2\n1.1.1.3\n")
    assert len(read(b"1.1.1.1\n1.1.1.2\n1.1.1.1\n").indicators) == 2
    reading = read(b"a\nb\n" + b"c" * 21)
    assert (len(reading.problems), reading.unlisted) == (1, 2)
    with pytest.raises(IntelligenceError, match="no name"):
        read_indicators(b"", IndicatorFormat.LIST, " ", small)


@settings(max_examples=150, deadline=None)
@given(form=st.sampled_from(IndicatorFormat), content=st.binary(max_size=300))
@example(form=IndicatorFormat.CSV, content=b"value\n\x00")
@example(form=IndicatorFormat.LIST, content=b"http://[::1")
def test_no_bytes_break_the_reading(form: IndicatorFormat, content: bytes) -> None:
    try:
        reading = _read(form, content)
    except IntelligenceError:
        return
    assert all(each.reason for each in reading.problems)


_KEYS = (
    *("type", "objects", "pattern", "pattern_type", "confidence", "valid_from", "labels", "id", "object_marking_refs"),
    *("Event", "Attribute", "Object", "value", "to_ids", "Tag", "name", "list", "Orgc"),
)
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20) | st.sampled_from(["indicator", "bundle", "stix"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(_KEYS),
            inner,
            max_size=6,
        )
    ),
    max_leaves=20,
)


@settings(max_examples=200, deadline=None)
@given(form=st.sampled_from([IndicatorFormat.STIX, IndicatorFormat.MISP]), objects=st.lists(_JSON, max_size=5))
def test_no_shape_of_document_breaks_the_reading(form: IndicatorFormat, objects: list[Any]) -> None:
    documents = {
        IndicatorFormat.STIX: _bundle(*({"type": "indicator", "pattern": each} for each in objects), *objects),
        IndicatorFormat.MISP: {"Event": {"Attribute": objects, "Object": objects}, "x": 1},
    }
    reading = _read(form, documents[form])
    assert all(each.value for each in reading.indicators)
    if form is IndicatorFormat.STIX:
        assert len(reading.indicators) + len(reading.problems) >= len(objects)


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="[]()='\\,:.-abipv4x 192/ORANDINurl\"", max_size=60))
def test_no_pattern_breaks_the_parser(pattern: str) -> None:
    try:
        named = values_named(pattern, 8)
    except NoIndicatorError:
        return
    assert named


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=40) | st.text(alphabet="abx0129.:/-[]%@?#", max_size=40))
def test_a_spelling_is_its_own_spelling(text: str) -> None:
    try:
        kind, value = recognize(text)
    except NoIndicatorError:
        return
    assert normalized(kind, value) == value
    assert isinstance(kind, IndicatorType)


def _streamed(text: str | bytes, form: IndicatorFormat, batch: int) -> list[Reading]:
    policy = load_intelligence_policy().model_copy(update={"import_batch": batch})
    content = text.encode() if isinstance(text, str) else text
    return list(stream_indicators(io.BytesIO(content), form, "x", policy))


@pytest.mark.parametrize("form", [IndicatorFormat.LIST, IndicatorFormat.CSV, IndicatorFormat.MISP])
def test_a_stream_gives_the_same_in_parts(form: IndicatorFormat) -> None:
    values = [f"198.51.{number // 200}.{number % 200 + 1}" for number in range(95)]
    lines = ["\ufeff" + "value"] * (form is IndicatorFormat.CSV) + [*values, "no indicator at all", *values[:3]]
    text = "\r\n".join(lines)
    whole = read_indicators(text.encode(), form, "x")
    parts = _streamed(text, form, 10)
    assert [len(part.indicators) for part in parts] == [10] * 9 + [8]
    assert {each.value for part in parts for each in part.indicators} == set(values)
    assert [each for part in parts for each in part.problems] == whole.problems != []


@pytest.mark.parametrize(
    ("text", "form", "said"),
    [
        (b'value\n198.51.100.1\n198.51.100.2\n"198.51', IndicatorFormat.CSV, "line 4: no valid CSV"),
        (b"198.51.100.1\n198.51.100.2\n198.51.100.\xff", IndicatorFormat.LIST, "byte 38 is not UTF-8"),
    ],
)
def test_of_what_cant_be_read_to_its_end_nothing_is_given(text: bytes, form: IndicatorFormat, said: str) -> None:
    with pytest.raises(IntelligenceError, match=said):
        _streamed(text, form, 1)


def test_the_bound_on_indicators_holds_over_all_parts() -> None:
    limits = load_intelligence_policy().limits.model_copy(update={"indicators": 5})
    policy = load_intelligence_policy().model_copy(update={"import_batch": 2, "limits": limits})
    text = "\n".join(f"198.51.100.{number}" for number in range(1, 7)).encode()
    parts = stream_indicators(io.BytesIO(text), IndicatorFormat.LIST, "x", policy)
    assert [len(next(parts).indicators) for _ in range(2)] == [2, 2]
    with pytest.raises(IntelligenceError, match="more than 5 indicators"):
        next(parts)


def test_what_is_done_with_a_part_is_no_time_of_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr("time.thread_time", lambda: now[0])
    policy = load_intelligence_policy().model_copy(update={"import_batch": 2})
    text = "\n".join(f"198.51.100.{number}" for number in range(1, 5)).encode()
    sizes = []
    for part in stream_indicators(io.BytesIO(text), IndicatorFormat.LIST, "x", policy):
        sizes.append(len(part.indicators))
        now[0] += policy.limits.time
    assert sizes == [2, 2, 0]
