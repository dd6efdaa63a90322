from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from store import QuerySyntaxError, parse_query
from store.query import And, Cidr, Exists, MatchAll, Not, Or, Range, Regex, Term, Wildcard

NOW_MS = 1_700_000_000_000  # 2023-11-14T22:13:20Z
IMAGE = "winlog.event_data.Image"


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("", MatchAll()),
        (" * ", MatchAll()),
        ("*:*", MatchAll()),
        ("root", Term(None, "root")),
        ('"two words"', Term(None, "two words")),
        ("a b", And((Term(None, "a"), Term(None, "b")))),
        ("a OR b AND c", Or((Term(None, "a"), And((Term(None, "b"), Term(None, "c")))))),
        ("a || b && !c", Or((Term(None, "a"), And((Term(None, "b"), Not(Term(None, "c"))))))),
        ("+a -b NOT c", And((Term(None, "a"), Not(Term(None, "b")), Not(Term(None, "c"))))),
        ("user.name:(a OR -b)", Or((Term("user.name", "a"), Not(Term("user.name", "b"))))),
        ("source.ip:10.0.0.0/8", Cidr("source.ip", "10.0.0.0/8")),
        ("source.ip:fe80::/10", Cidr("source.ip", "fe80::/10")),
        ("source.ip:2001:db8::1", Term("source.ip", "2001:db8::1")),
        ("url.path:/etc/", Regex("url.path", "etc")),
        ("url.path:\\/etc\\/passwd", Term("url.path", "/etc/passwd")),
        ("_exists_:user.name", Exists("user.name")),
        ("user.name:*", Exists("user.name")),
        ("user.name:adm?n*", Wildcard("user.name", "adm?n*")),
        ("user.name:adm\\*", Term("user.name", "adm*")),
        (f'{IMAGE}:"C:\\\\Windows\\\\System32\\\\cmd.exe"', Term(IMAGE, "C:\\Windows\\System32\\cmd.exe")),
        (f'{IMAGE}:"C:\\Windows\\cmd.exe"', Term(IMAGE, "C:\\Windows\\cmd.exe")),
        (f"{IMAGE}:C:\\Windows\\cmd.exe", Term(IMAGE, "C:\\Windows\\cmd.exe")),
        (f"{IMAGE}:*\\\\cmd.exe", Wildcard(IMAGE, "*\\\\cmd.exe")),
        ("source.port:-5", Term("source.port", "-5")),
        ("source.port:[1 TO 9}", Range("source.port", "1", "9", include_upper=False)),
        ("source.port:{* TO 9]", Range("source.port", None, "9", include_lower=False)),
        ("source.port:>=1024", Range("source.port", "1024")),
        (
            "source.port:(>1 AND <9)",
            And(
                (
                    Range("source.port", "1", include_lower=False),
                    Range("source.port", None, "9", include_upper=False),
                )
            ),
        ),
        ('name:"a AND \\"b\\""', Term("name", 'a AND "b"')),
        ("cloud.region:cn\\ north", Term("cloud.region", "cn north")),
        ("ORACLE TOMCAT", And((Term(None, "ORACLE"), Term(None, "TOMCAT")))),
    ],
)  # fmt: skip
def test_a_query_is_read_into_its_tree(text: str, tree: object) -> None:
    assert parse_query(text, NOW_MS) == tree


@pytest.mark.parametrize(
    ("text", "lower", "upper"),
    [
        ("@timestamp:2024-02", "2024-02-01T00:00:00.000Z", "2024-02-29T23:59:59.999Z"),
        ("@timestamp:now", "2023-11-14T22:13:20.000Z", "2023-11-14T22:13:20.000Z"),
        ("@timestamp:>=now-1d", "2023-11-13T22:13:20.000Z", None),
        ("@timestamp:>=now-1d/d", "2023-11-13T00:00:00.000Z", None),
        ("@timestamp:<=now/d", None, "2023-11-14T23:59:59.999Z"),
        ("@timestamp:[now-1M/M TO now/w]", "2023-10-01T00:00:00.000Z", "2023-11-19T23:59:59.999Z"),
        ("@timestamp:[2023 TO 2023-06-30T12]", "2023-01-01T00:00:00.000Z", "2023-06-30T12:59:59.999Z"),
        ("@timestamp:>2023-06-30", "2023-06-30T23:59:59.999Z", None),
        ("@timestamp:[2023-06-30T10:00:00+08:00 TO *]", "2023-06-30T02:00:00.000Z", None),
        ('@timestamp:"2023-06-30 10:00:00"', "2023-06-30T10:00:00.000Z", "2023-06-30T10:00:00.999Z"),
        ("event.created:1700000000123", "2023-11-14T22:13:20.123Z", "2023-11-14T22:13:20.123Z"),
    ],
)
def test_dates_mean_the_whole_span_that_they_name(text: str, lower: str | None, upper: str | None) -> None:
    tree = parse_query(text, NOW_MS)
    assert isinstance(tree, Range)
    assert (tree.lower, tree.upper) == (lower, upper)


@pytest.mark.parametrize(
    ("text", "position", "word"),
    [
        ("(a", 2, "not closed"),
        ("a)", 1, "unexpected"),
        ("user.name:", 10, "ends"),
        ('a "b', 2, "quote"),
        ("f:[1 9]", 5, "TO"),
        ("f:[1 TO 9", 9, "not closed"),
        ("a OR", 4, "ends"),
        ("AND a", 0, "AND"),
        ("roam~2", 4, "fuzzy"),
        ("a^3", 1, "boost"),
        ("f*:x", 0, "wildcards"),
        (">5", 0, "needs a field"),
        ("source.port:>many", 12, "long"),
        ("source.ip:[a TO b]", 10, "ip"),
        ("@timestamp:>noon", 11, "date"),
        ("@timestamp:now-1q", 11, "date"),
        ("@timestamp:now+999999y", 11, "date"),
        ("message:[a TO b]", 8, "order"),
        ("user.name:/a(?=b)/", 10, "supported"),
        ("user.name:/\\d+/", 10, "supported"),
        ("user.name:/(a/", 10, "subpattern"),
        ("(" * 60 + "a" + ")" * 60, 51, "levels"),
        ("a " * 1_500, 2_000, "parts"),
        ("x" * 30_000, 20_000, "characters"),
    ],
)
def test_what_cannot_be_read_names_the_place_and_the_fix(text: str, position: int, word: str) -> None:
    with pytest.raises(QuerySyntaxError, match=word) as error:
        parse_query(text, NOW_MS)
    assert abs(error.value.position - position) <= 1


@settings(max_examples=300)
@given(st.text(alphabet=' ab:()[]{}"\\/*?<>=!&|+-~^TOANDR.1中', max_size=40))
def test_no_text_breaks_the_reader(text: str) -> None:
    with suppress(QuerySyntaxError):
        tree = parse_query(text, NOW_MS)
        assert tree == parse_query(f"(\n{text if text.strip() else chr(42)}\n)", NOW_MS)


@given(st.text(min_size=1, max_size=30))
def test_any_text_can_be_searched_when_quoted(text: str) -> None:
    quoted = text.replace("\\", "\\\\").replace('"', '\\"')
    assert parse_query(f'user.name:"{quoted}"', NOW_MS) == Term("user.name", text)
