"""What is published in MISP, CSV and lists is read in full, or named with the reason why not."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from detection.intelligence import (
    IndicatorFormat,
    IntelligenceError,
    Reading,
    load_intelligence_policy,
)
from detection.intelligence.errors import NoIndicatorError
from detection.intelligence.values import IndicatorType, normalized, recognize
from tests.detection.intelligence.documents import MD5, SECOND_2026, SHA1, SHA256, read_document, stix_bundle, values_of


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
    reading = read_document(IndicatorFormat.MISP, {"response": [event]})
    assert values_of(reading) == [
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
    assert read_document(IndicatorFormat.MISP, event) == reading


def test_misp_lists_are_read_as_documents_and_as_lines() -> None:
    document = {"name": "Sinkholes", "type": "cidr", "list": ["192.0.2.0/24", "nonsense value"]}
    reading = read_document(IndicatorFormat.MISP, document)
    assert (values_of(reading), reading.indicators[0].source) == ([("ip", "192.0.2.0/24")], "Sinkholes")
    assert [problem.reference for problem in reading.problems] == ["entry 2"]
    lines = b"# feed\r\n192.0.2.1 # seen today\n\nevil[.]example\n; note\nx y\n"
    for form in (IndicatorFormat.MISP, IndicatorFormat.LIST):
        plain = read_document(form, lines)
        assert values_of(plain) == [("ip", "192.0.2.1"), ("domain", "evil.example")]
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
    reading = read_document(IndicatorFormat.CSV, text.encode())
    assert values_of(reading) == [("ip", "203.0.113.0/24"), ("hash", SHA256), ("domain", "xn--fiq228c.example")]
    first = reading.indicators[0]
    assert (first.source, first.confidence, first.valid_until_ms) == ("Exchange", 70, SECOND_2026)
    assert first.description == "scanner, loud"
    assert [problem.reference for problem in reading.problems] == ["line 4", "line 5", "line 6"]


def test_a_type_given_is_believed_and_checked() -> None:
    reading = read_document(IndicatorFormat.CSV, b"type,value\ndomain,evil.example\nip,evil.example\nfile,x\n")
    assert values_of(reading) == [("domain", "evil.example")]
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
        read_document(form, content)


def test_limits_hold() -> None:
    policy = load_intelligence_policy()
    small = policy.model_copy(
        update={"limits": policy.limits.model_copy(update={"bytes": 100, "indicators": 2, "value": 20, "problems": 1})}
    )

    def read(text: bytes) -> Reading:
        return read_document(IndicatorFormat.LIST, text, "x", small)

    with pytest.raises(IntelligenceError, match="split the file"):
        read(b"x" * 101)
    with pytest.raises(IntelligenceError, match="more than 2 indicators"):
        read(b"1.1.1.1\n1.1.1.2\n1.1.1.3\n")
    assert len(read(b"1.1.1.1\n1.1.1.2\n1.1.1.1\n").indicators) == 2
    reading = read(b"a\nb\n" + b"c" * 21)
    assert (len(reading.problems), reading.unlisted) == (1, 2)
    with pytest.raises(IntelligenceError, match="no name"):
        read_document(IndicatorFormat.LIST, b"", " ", small)


@settings(max_examples=150)
@given(form=st.sampled_from(IndicatorFormat), content=st.binary(max_size=300))
@example(form=IndicatorFormat.CSV, content=b"value\n\x00")
@example(form=IndicatorFormat.LIST, content=b"http://[::1")
def test_no_bytes_break_the_reading(form: IndicatorFormat, content: bytes) -> None:
    try:
        reading = read_document(form, content)
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


@settings(max_examples=200)
@given(form=st.sampled_from([IndicatorFormat.STIX, IndicatorFormat.MISP]), objects=st.lists(_JSON, max_size=5))
def test_no_shape_of_document_breaks_the_reading(form: IndicatorFormat, objects: list[Any]) -> None:
    documents = {
        IndicatorFormat.STIX: stix_bundle(*({"type": "indicator", "pattern": each} for each in objects), *objects),
        IndicatorFormat.MISP: {"Event": {"Attribute": objects, "Object": objects}, "x": 1},
    }
    reading = read_document(form, documents[form])
    assert all(each.value for each in reading.indicators)
    if form is IndicatorFormat.STIX:
        assert len(reading.indicators) + len(reading.problems) >= len(objects)


@settings(max_examples=300)
@given(st.text(max_size=40) | st.text(alphabet="abx0129.:/-[]%@?#", max_size=40))
def test_a_spelling_is_its_own_spelling(text: str) -> None:
    try:
        kind, value = recognize(text)
    except NoIndicatorError:
        return
    assert normalized(kind, value) == value
    assert isinstance(kind, IndicatorType)
