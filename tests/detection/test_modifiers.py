"""Each modifier of the specification, on values that satisfy it and values that only nearly do."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from typing import Any

import pytest

from detection import Matcher, RuleSet
from detection.routing import RoutingPolicy

Detects = Callable[[dict[str, Any], dict[str, Any]], bool]

CASES: list[tuple[str, Any, dict[str, Any], bool]] = [
    # plain values: the whole value, in any case
    ("f", "cmd.exe", {"f": "CMD.EXE"}, True),
    ("f", "cmd.exe", {"f": "xcmd.exe"}, False),
    ("f", "cmd.exe", {"f": "cmd.exe "}, False),
    ("f", "cmdxexe", {"f": "cmd.exe"}, False),
    ("f", "straße", {"f": "STRASSE"}, True),
    ("f", "数据", {"f": "数据"}, True),
    ("f", "x", {}, False),
    ("f", "x", {"f": None}, False),
    # numbers and booleans against text and the other way round
    ("f", 1, {"f": "1"}, True),
    ("f", "1", {"f": 1}, True),
    ("f", 1, {"f": "01"}, False),
    ("f", 1, {"f": 1.0}, True),
    ("f", 1, {"f": True}, False),
    ("f", "true", {"f": True}, True),
    ("f", True, {"f": "True"}, True),
    ("f|contains", 68, {"f": 4688}, True),
    # null, empty, presence
    ("f", None, {}, True),
    ("f", None, {"f": None}, True),
    ("f", None, {"f": ""}, False),
    ("f", "", {"f": ""}, True),
    ("f", "", {}, False),
    ("f", [None, ""], {"f": ""}, True),
    ("f", "*", {"f": "x"}, True),
    ("f", "*", {"f": ""}, True),
    ("f", "*", {}, False),
    ("f|exists", True, {"f": "x"}, True),
    ("f|exists", True, {}, False),
    ("f|exists", False, {}, True),
    ("f|exists", False, {"f": "x"}, False),
    # wildcards and escapes
    ("f", "a*c", {"f": "abbbc"}, True),
    ("f", "a*c", {"f": "a\nc"}, True),
    ("f", "a*c", {"f": "abcd"}, False),
    ("f", "a?c", {"f": "abc"}, True),
    ("f", "a?c", {"f": "ac"}, False),
    ("f", "a?c", {"f": "a中c"}, True),
    ("f", "a??c", {"f": "a中c"}, False),
    ("f", r"a\*c", {"f": "a*c"}, True),
    ("f", r"a\*c", {"f": "abc"}, False),
    ("f", r"a\?c", {"f": "a?c"}, True),
    ("f", r"a\\*c", {"f": "a\\bc"}, True),
    ("f", r"a\\*c", {"f": "abc"}, False),
    ("f", r"a\\\*c", {"f": r"a\*c"}, True),
    ("f", r"a\\\*c", {"f": r"a\bc"}, False),
    ("f", r"C:\Windows\x", {"f": r"c:\windows\x"}, True),
    ("f", r"\\\\host\share", {"f": r"\\host\share"}, True),
    ("f", r"\\host", {"f": r"\host"}, True),
    # contains, startswith, endswith
    ("f|contains", "bc", {"f": "ABCD"}, True),
    ("f|contains", "b*d", {"f": "abcde"}, True),
    ("f|contains", "b.d", {"f": "abcde"}, False),
    ("f|startswith", "ab", {"f": "abc"}, True),
    ("f|startswith", "bc", {"f": "abc"}, False),
    ("f|endswith", r"\cmd.exe", {"f": r"C:\Windows\cmd.exe"}, True),
    ("f|endswith", r"\cmd.exe", {"f": "C:\\cmd.exe\n"}, False),
    ("f|contains", "", {"f": "x"}, True),
    # lists
    ("f", ["a", "b"], {"f": "b"}, True),
    ("f|contains|all", ["a", "b"], {"f": "xbxax"}, True),
    ("f|contains|all", ["a", "b"], {"f": "xbx"}, False),
    ("f", "b", {"f": ["a", "B"]}, True),
    ("f|contains|all", ["a", "b"], {"f": ["a", "b"]}, True),
    ("f", None, {"f": ["a", None]}, True),
    # cased, neq
    ("f|cased", "Cmd", {"f": "Cmd"}, True),
    ("f|cased", "Cmd", {"f": "cmd"}, False),
    ("f|contains|cased", "Cm", {"f": "xCmx"}, True),
    ("f|contains|cased", "Cm", {"f": "xcmx"}, False),
    ("f|neq", "a", {"f": "b"}, True),
    ("f|neq", "a", {"f": "A"}, False),
    ("f|neq", ["a", "b"], {"f": "b"}, False),
    ("f|contains|neq", "a", {"f": "xyz"}, True),
    # regular expressions
    ("f|re", "a.c", {"f": "xabcx"}, True),
    ("f|re", "a.c", {"f": "xABCx"}, False),
    ("f|re|i", "a.c", {"f": "xABCx"}, True),
    ("f|re", "^b", {"f": "a\nb"}, False),
    ("f|re|m", "^b", {"f": "a\nb"}, True),
    ("f|re", "a.c", {"f": "a\nc"}, False),
    ("f|re|s", "a.c", {"f": "a\nc"}, True),
    ("f|re|i|s", "a.c", {"f": "A\nC"}, True),
    ("f|re", "^.$", {"f": "中"}, True),
    ("f|re", "(?<!x)ab", {"f": "yab"}, True),
    ("f|re", "(?<!x)ab", {"f": "xab"}, False),
    ("f|re", r"(a)(b)\2\1", {"f": "abba"}, True),
    ("f|re", r"(a)(b)\2\1", {"f": "abab"}, False),
    ("f|re", "", {"f": ""}, True),
    ("f|re", r"\d{3}", {"f": 1234}, True),
    ("f|re", "a.{1,5000}b", {"f": "a" + "x" * 4000 + "b"}, True),
    # windash
    ("f|windash|contains", " -foo", {"f": "x /FOO"}, True),
    ("f|windash|contains", " -foo", {"f": "x —foo"}, True),
    ("f|windash|contains", " /foo", {"f": "x ―foo"}, True),
    ("f|windash|contains", " -foo", {"f": "x +foo"}, False),
    ("f|windash", "a-b", {"f": "a/b"}, False),
    ("f|contains|windash", "-a -b -c -d -e", {"f": "/a –b —c ―d -e"}, True),
    # encodings
    ("f|base64", "foobar", {"f": "Zm9vYmFy"}, True),
    ("f|base64offset|contains", "foobar", {"f": b64encode(b"foobar").decode()}, True),
    ("f|base64offset|contains", "foobar", {"f": b64encode(b"xfoobary").decode()}, True),
    ("f|base64offset|contains", "foobar", {"f": b64encode(b"xxfoobaryy").decode()}, True),
    ("f|base64offset|contains", "foobar", {"f": b64encode(b"fooba").decode()}, False),
    ("f|wide|base64offset|contains", "ping", {"f": b64encode("xping 1".encode("utf-16-le")).decode()}, True),
    ("f|utf16le|base64", "ab", {"f": b64encode("ab".encode("utf-16-le")).decode()}, True),
    ("f|utf16be|base64", "ab", {"f": b64encode("ab".encode("utf-16-be")).decode()}, True),
    ("f|utf16be|base64", "ab", {"f": b64encode("ab".encode("utf-16-le")).decode()}, False),
    ("f|utf16|base64", "ab", {"f": b64encode(b"\xff\xfe" + "ab".encode("utf-16-le")).decode()}, True),
    ("f|wide", "ab", {"f": "a\0b\0"}, True),
    # networks
    ("f|cidr", "10.0.0.0/8", {"f": "10.255.0.1"}, True),
    ("f|cidr", "10.0.0.0/8", {"f": "11.0.0.1"}, False),
    ("f|cidr", "10.0.0.0/8", {"f": "10.0.0.x"}, False),
    ("f|cidr", ["192.168.0.0/16", "fe80::/10"], {"f": "fe80::1"}, True),
    ("f|cidr", "fc00::/7", {"f": "10.0.0.1"}, False),
    ("f|cidr", "10.0.0.0/8", {"f": "::ffff:10.1.2.3"}, True),
    # comparisons
    ("f|lt", 10, {"f": 9}, True),
    ("f|lt", 10, {"f": 10}, False),
    ("f|lte", 10, {"f": "10"}, True),
    ("f|gt", 10, {"f": "9"}, False),
    ("f|gt", 10, {"f": "100"}, True),
    ("f|gte", 1.5, {"f": 1.5}, True),
    ("f|gt", 10, {"f": "many"}, False),
    ("f|gt", 10, {"f": "1_000"}, False),
    ("f|gt", 10, {}, False),
    ("f|gt", 9007199254740992, {"f": "9007199254740993"}, True),
    # references between fields
    ("f|fieldref", "g", {"f": "a", "g": "A"}, True),
    ("f|fieldref", "g", {"f": "a", "g": "b"}, False),
    ("f|fieldref", "g", {"f": "a"}, False),
    ("f|fieldref", "g", {}, False),
    ("f|fieldref|endswith", "g", {"f": "abc", "g": "bc"}, True),
    ("f|fieldref|startswith", "g", {"f": "abc", "g": "bc"}, False),
    ("f|fieldref|contains", "g", {"f": "abc", "g": ["x", "b"]}, True),
    ("f|fieldref|cased", "g", {"f": "a", "g": "A"}, False),
    ("f|fieldref|neq", "g", {"f": "a", "g": "b"}, True),
    ("f|fieldref", "g", {"f": 5, "g": "5"}, True),
    # parts of a time
    ("f|minute", 15, {"f": "2026-03-01T08:15:30Z"}, True),
    ("f|hour", 8, {"f": "2026-03-01T08:15:30Z"}, True),
    ("f|hour", 8, {"f": "2026-03-01T16:15:30+08:00"}, True),
    ("f|day", 1, {"f": "2026-03-01T08:15:30Z"}, True),
    ("f|week", 9, {"f": "2026-03-01T08:15:30Z"}, True),
    ("f|month", 3, {"f": "2026-03-01T08:15:30Z"}, True),
    ("f|year", 2025, {"f": "2026-03-01T08:15:30Z"}, False),
    ("f|year", 2026, {"f": "yesterday"}, False),
]


@pytest.mark.parametrize(("key", "value", "event", "expected"), CASES)
def test_modifier(
    detects: Detects,
    key: str,
    value: str | float | list[str] | None,
    event: dict[str, Any],
    expected: bool,  # noqa: FBT001 (a case's outcome)
) -> None:
    assert detects({"selection": {key: value}, "condition": "selection"}, event) is expected


def test_long_text_patterns_are_matched_whole(detects: Detects) -> None:
    long = "ab-/.é" * 500
    detection = {"s": {"f|contains": f"{long}?z", "f|endswith": f"*q?{long}zz"}, "condition": "s"}
    assert detects(detection, {"f": f"--{long}xz..q!{long}ZZ"})
    assert not detects(detection, {"f": f"--{long}xz..q{long}ZZ"})


def test_an_expression_that_runs_away_is_given_up(load: Callable[..., RuleSet], test_policy: RoutingPolicy) -> None:

    rule = {
        "title": "Runaway",
        "logsource": {"product": "test"},
        "detection": {"s": {"f|re": r"^(a|aa)+\1c?$"}, "condition": "s"},
    }
    matcher = Matcher(load(rule), test_policy)
    assert matcher.match([{"event.dataset": "test.log", "f": "a" * 60 + "!-"}]) == []
    assert matcher.timeouts == 1
