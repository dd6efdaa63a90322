"""The Sigma specification 2.1, clause by clause: what each asks for, on an event that tells it from its neighbors."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from detection import Matcher, RuleSet, load_rules
from detection.routing import RoutingPolicy
from detection.rules.placeholders import load_placeholders

Detects = Callable[[dict[str, Any], dict[str, Any]], bool]
Load = Callable[..., RuleSet]

VALUES: list[tuple[str, str, Any, Any, bool]] = [
    # Rules, Detection, General
    ("values compare without regard to case", "f", "EvilService", "eVILsERVICE", True),
    ("a number stands for its text", "f", 4688, "4688", True),
    ("nothing but wildcards and quotation marks is special", "f", "a.c+[x]", "a.c+[x]", True),
    ("regular expressions regard case", "f|re", "Evil", "evil", False),
    # String Wildcard
    ("? is one character", "f", "prog?.exe", "progA.exe", True),
    ("? is not none", "f", "prog?.exe", "prog.exe", False),
    ("* is any number of characters", "f", "antivirus_V*.exe", "antivirus_V21.2.1.exe", True),
    ("* is also none", "f", "a*b", "ab", True),
    # Escaping
    ("a single backslash is itself", "f", r"C:\x", r"C:\x", True),
    ("a double backslash is a single one", "f", r"C:\\x", r"C:\x", True),
    ("an escaped wildcard is a plain character", "f", r"a\*", "a*", True),
    ("an escaped wildcard is no wildcard", "f", r"a\*", "ab", False),
    ("an escaped backslash leaves the wildcard", "f", r"a\\*", r"a\bc", True),
    ("three backslashes escape both", "f", r"a\\\*", r"a\*", True),
    ("three backslashes are two", "f", "a" + "\\" * 3 + "b", r"a\\b", True),
    ("four backslashes are two", "f", "a" + "\\" * 4 + "b", r"a\\b", True),
    # Special Field Values
    ("'' is an empty value", "f", "", "", True),
    ("'' is no other value", "f", "", "x", False),
    ("null is no empty value", "f", None, "", False),
    # Modifiers, Generic
    ("values of a list are alternatives", "f", ["a", "b"], "b", True),
    ("all asks for every value", "f|contains|all", ["a", "b"], "b", False),
    ("all asks for every value in any order", "f|contains|all", ["a", "b"], "b a", True),
    ("startswith", "f|startswith", "adm", "adm_li", True),
    ("endswith", "f|endswith", r"\cmd.exe", r"C:\cmd.exe", True),
    ("contains", "f|contains", "vil", "evil", True),
    ("modifiers apply in the order given", "f|contains|cased", "Vil", "evil", False),
    ("exists asks for presence, whatever the value", "f|exists", True, "", True),
    ("exists: true is satisfied by null", "f|exists", True, None, True),
    ("cased regards case", "f|cased", "Evil", "evil", False),
    ("cased keeps wildcards", "f|cased", "E*l", "Evil", True),
    ("cased with endswith", "f|endswith|cased", "Il", "Evil", False),
    ("neq is another value", "f|neq", "a", "b", True),
    ("neq regards case no more than equality", "f|neq", "a", "A", False),
    ("neq of a list is none of them", "f|neq", ["a", "b"], "b", False),
    ("neq of a number", "f|neq", 5, 5, False),
    ("neq with another modifier", "f|startswith|neq", "a", "abc", False),
    # Modifiers, String
    *[(f"windash takes - for {dash}", "f|windash|contains", " -x", f"cmd {dash}x", True) for dash in "-/–—―"],
    *[(f"windash takes {dash} for -", "f|windash|contains", f" {dash}x", "cmd -x", True) for dash in "-/–—―"],
    ("windash mixes all permutations", "f|windash|contains", " -x /y", "cmd ―x –y", True),
    ("windash leaves a dash within a word alone", "f|windash", "a-b", "a/b", False),
    (
        "windash before an encoding",
        "f|windash|base64offset|contains",
        "/x 1",
        b64encode("c —x 1".encode()).decode(),
        True,
    ),
    ("windash before UTF-16", "f|windash|wide", "-x", "/\0x\0", True),
    # Modifiers, Regular Expression
    ("re is found anywhere", "f|re", "v.l", "evil", True),
    ("re with anchors", "f|re", "^v", "evil", False),
    ("re with a quantifier", "f|re", "o{2,3}$", "foo", True),
    ("re with a class and an alternation", "f|re", "(x|[^a-m])$", "az", True),
    ("re with i", "f|re|i", "EVIL", "evil", True),
    ("re with m", "f|re|m", "^b$", "a\nb", True),
    ("re with s", "f|re|s", "a.b", "a\nb", True),
    ("re without s", "f|re", "a.b", "a\nb", False),
    # Modifiers, Encoding
    ("base64", "f|base64", "foobar", "Zm9vYmFy", True),
    *[
        (
            f"base64offset at {len(before)}",
            "f|base64offset|contains",
            "/bin/sh",
            b64encode(before + b"/bin/sh;")[:],
            True,
        )
        for before in (b"", b"x", b"xy", b"xyz")
    ],
    ("utf16le", "f|utf16le", "cmd", "c\0m\0d\0", True),
    ("wide is utf16le", "f|wide", "cmd", "c\0m\0d\0", True),
    ("utf16be", "f|utf16be", "cmd", "\0c\0m\0d", True),
    ("utf16 has a byte order mark", "f|utf16", "cmd", "\xff\xfec\0m\0d\0", True),
    ("utf16 without the mark", "f|utf16", "cmd", "c\0m\0d\0", False),
    ("wide of other alphabets, byte by byte", "f|wide|contains", "é中", "\xe9\0\x2d\x4e", True),
    ("wide with a wildcard", "f|wide", "c?d", "c\0m\0d\0", True),
    ("utf16le before base64", "f|utf16le|base64", "cmd", b64encode(b"c\0m\0d\0"), True),
    ("utf16be before base64", "f|utf16be|base64", "cmd", b64encode(b"\0c\0m\0d"), True),
    ("utf16 before base64", "f|utf16|base64", "cmd", b64encode(b"\xff\xfec\0m\0d\0"), True),
    # Modifiers, Numeric
    ("lt", "f|lt", 5, 4, True),
    ("lt is not equal", "f|lt", 5, 5, False),
    ("lte", "f|lte", 5, 5, True),
    ("gt", "f|gt", 5, 6, True),
    ("gte", "f|gte", 5, 5, True),
    ("numbers compare as numbers", "f|gt", 9, "10", True),
    ("text is no number", "f|gt", 9, "ten", False),
    # Modifiers, Time
    ("minute", "f|minute", 7, "2026-01-31T23:07:00Z", True),
    ("hour", "f|hour", 23, "2026-01-31T23:07:00Z", True),
    ("day", "f|day", 31, "2026-01-31T23:07:00Z", True),
    ("week", "f|week", 5, "2026-01-31T23:07:00Z", True),
    ("month", "f|month", 1, "2026-01-31T23:07:00Z", True),
    ("year", "f|year", 2026, "2026-01-31T23:07:00Z", True),
    ("a part of a time in a list", "f|hour", [22, 23], "2026-01-31T23:07:00Z", True),
    # Modifiers, IP
    ("cidr of IPv4", "f|cidr", "10.0.0.0/8", "10.1.2.3", True),
    ("cidr of IPv4, outside", "f|cidr", "10.0.0.0/9", "10.200.2.3", False),
    ("cidr of IPv6", "f|cidr", "2001:db8::/32", "2001:DB8:0::7", True),
    ("cidr of IPv6, outside", "f|cidr", "2001:db8::/32", "2001:db9::7", False),
]


@pytest.mark.parametrize(("clause", "key", "asked", "held", "expected"), VALUES, ids=[row[0] for row in VALUES])
def test_values_and_modifiers(  # noqa: PLR0917 (a case's columns)
    detects: Detects,
    clause: str,
    key: str,
    asked: str | float | list[str] | None,
    held: str | bytes | float | None,
    expected: bool,  # noqa: FBT001 (a case's outcome)
) -> None:
    del clause
    event = {"f": held.decode() if isinstance(held, bytes) else held}
    assert detects({"s": {key: asked}, "condition": "s"}, event) is expected


THREE = {"sel_a": {"a": 1}, "sel_b": {"b": 1}, "_c": {"c": 1}}
A, B, C = {"a": 1}, {"b": 1}, {"c": 1}
CONDITIONS: list[tuple[str, dict[str, Any], Any, dict[str, Any], bool]] = [
    ("a list of texts means the whole record", {"s": ["evil", "worse"]}, "s", {"message": "an EVIL thing"}, True),
    ("|all asks for every keyword", {"s": {"|all": ["evil", "worse"]}}, "s", {"message": "an evil thing"}, False),
    ("|all takes keywords in any order", {"s": {"|all": ["evil", "worse"]}}, "s", {"message": "worse, evil"}, True),
    ("keywords with a regular expression", {"s": {"|re": "ev.l"}}, "s", {"message": "an evil thing"}, True),
    ("maps of a list are alternatives", {"s": [A, B]}, "s", B, True),
    ("items of a map are all asked for", {"s": A | B}, "s", A, False),
    ("null is a missing field", {"s": {"f": None}}, "s", {}, True),
    ("null is a null field", {"s": {"f": None}}, "s", {"f": None}, True),
    ("not null is the negation of a selection", {"s": A, "filter": {"f": None}}, "s and not filter", A, False),
    ("exists: false asks for absence", {"s": {"f|exists": False}}, "s", {}, True),
    ("fieldref compares fields", {"s": {"f|fieldref": "g"}}, "s", {"f": "x", "g": "X"}, True),
    ("fieldref with neq", {"s": {"f|fieldref|neq": "g"}}, "s", {"f": "x", "g": "y"}, True),
    ("fieldref with startswith", {"s": {"f|fieldref|startswith": "g"}}, "s", {"f": "abc", "g": "ab"}, True),
    ("fieldref with endswith", {"s": {"f|fieldref|endswith": "g"}}, "s", {"f": "abc", "g": "ab"}, False),
    ("fieldref with contains", {"s": {"f|fieldref|contains": "g"}}, "s", {"f": "abc", "g": "B"}, True),
    (
        "fieldref takes no wildcards from events",
        {"s": {"f|fieldref|contains": "g"}},
        "s",
        {"f": "abc", "g": "*"},
        False,
    ),
    ("or", THREE, "sel_a or sel_b", B, True),
    ("and", THREE, "sel_a and sel_b", B, False),
    ("not", THREE, "sel_a and not sel_b", A | B, False),
    ("and binds tighter than or", THREE, "sel_a or sel_b and _c", A, True),
    ("not binds tighter than and", THREE, "not sel_a and sel_b", B, True),
    ("brackets bind tightest", THREE, "(sel_a or sel_b) and _c", A, False),
    ("1 of them", THREE, "1 of them", B, True),
    ("1 of them leaves out underscored selections", THREE, "1 of them", C, False),
    ("all of them leaves out underscored selections", THREE, "all of them", A | B, True),
    ("all of a pattern", THREE, "all of sel*", A, False),
    ("1 of a pattern", THREE, "1 of *_b", B, True),
    ("a pattern may name underscored selections", THREE, "1 of _*", C, True),
    ("not 1 of", THREE, "sel_a and not 1 of *_b", A | B, False),
    ("x of binds tighter than not", THREE, "not all of sel* and sel_a", A, True),
    ("several conditions are alternatives", THREE, ["sel_a and sel_b", "_c"], C, True),
    ("the condition of several that fails is no matter", THREE, ["sel_a and sel_b", "_c"], A, False),
]


@pytest.mark.parametrize(
    ("clause", "selections", "condition", "event", "expected"), CONDITIONS, ids=[row[0] for row in CONDITIONS]
)
def test_selections_and_conditions(  # noqa: PLR0917 (a case's columns)
    detects: Detects,
    clause: str,
    selections: dict[str, Any],
    condition: str | list[str],
    event: dict[str, Any],
    expected: bool,  # noqa: FBT001 (a case's outcome)
) -> None:
    del clause
    assert detects({**selections, "condition": condition}, event) is expected


def _rule(rule_id: str, value: str = "x", **more: object) -> dict[str, Any]:
    detection = {"s": {"f": value}, "condition": "s"}
    return {"title": rule_id, "id": rule_id, "logsource": {"product": "test"}, "detection": detection, **more}


def _filter(rules: object, condition: str = "not s", **more: object) -> dict[str, Any]:
    section = {"rules": rules, "s": {"u": "admin"}, "condition": condition}
    return {"title": "Filter", "logsource": {"product": "test"}, "filter": section, **more}


@pytest.mark.parametrize(
    ("rules", "left"),
    [("any", []), (["a"], ["b"]), ("a", ["b"]), (["a", "second"], []), (["second"], ["a"])],
)
def test_a_filter_in_any_document_narrows_the_rules_it_names(
    load: Load, test_policy: RoutingPolicy, rules: str | list[str], left: list[str]
) -> None:
    loaded = load(_filter(rules), _rule("a"), _rule("b", name="second"))
    assert loaded.unsupported == []
    matcher = Matcher(loaded, test_policy)
    admin = {"event.dataset": "test.log", "f": "x", "u": "Admin"}
    assert [match.rule.id for match in matcher.match([admin])] == left
    assert [match.rule.id for match in matcher.match([admin | {"u": "li"}])] == ["a", "b"]


def test_filters_add_up(load: Load, test_policy: RoutingPolicy) -> None:
    second = _filter("any")
    second["filter"]["s"] = {"host": "h1"}
    matcher = Matcher(load(_rule("a"), _filter("any"), second), test_policy)
    base = {"event.dataset": "test.log", "f": "x"}
    events = [base, base | {"u": "admin"}, base | {"host": "h1"}, base | {"u": "admin", "host": "h1"}]
    assert [match.event for match in matcher.match(events)] == [base]


def test_the_definition_of_a_logsource_is_for_people(load: Load, test_policy: RoutingPolicy) -> None:
    loaded = load(_rule("a", logsource={"product": "test", "definition": "Requirements: the log is switched on"}))
    assert len(Matcher(loaded, test_policy).match([{"event.dataset": "test.log", "f": "x"}])) == 1


PLACEHOLDERS = {"servers": ["srv*", "db?"], "user": ["li"], "empty": []}


def _expanded(folder: Path, policy: RoutingPolicy, key: str, value: str) -> RuleSet:
    rule = _rule("a") | {"detection": {"s": {key: value}, "condition": "s"}}
    (folder / "a.yml").write_text(yaml.safe_dump(rule), encoding="utf-8")
    return load_rules([folder], placeholders=PLACEHOLDERS, policy=policy)


@pytest.mark.parametrize(
    ("key", "value", "held", "expected"),
    [
        ("f|expand", "%servers%", "SRV01", True),
        ("f|expand", "%servers%", "db1", True),
        ("f|expand", "%servers%", "db12", False),
        ("f|expand", r"%user%@%servers%", "li@srv1", True),
        ("f|expand|contains", "%user%", "x li y", True),
        ("f|expand", r"\%plain%user%", "%plainli", True),
        ("f|expand", r"\%plain%user%", r"\%plainli", False),
        ("f", "%user%", "%user%", True),
        ("f", "%user%", "li", False),
    ],
)
def test_placeholders_are_expanded_only_where_asked(
    tmp_path: Path, test_policy: RoutingPolicy, key: str, value: str, held: str, *, expected: bool
) -> None:
    rules = _expanded(tmp_path, test_policy, key, value)
    assert bool(Matcher(rules, test_policy).match([{"event.dataset": "test.log", "f": held}])) is expected


@pytest.mark.parametrize("name", ["empty", "unknown"])
def test_a_rule_whose_placeholder_has_no_values_is_rejected(
    tmp_path: Path, test_policy: RoutingPolicy, name: str
) -> None:
    (unsupported,) = _expanded(tmp_path, test_policy, "f|expand", f"%{name}%").unsupported
    assert f"placeholder %{name}% needs values" in unsupported.reason
    assert "policies/detection/placeholders.yml" in unsupported.reason


def test_the_standard_placeholders_are_in_the_policy() -> None:
    assert {"Administrators", "JumpServers", "Workstations", "Servers", "DomainControllers"} <= set(load_placeholders())


@pytest.mark.parametrize("value", [1.5, ".inf", ".nan"])
def test_a_part_of_a_time_is_a_whole_number(load: Load, value: float | str) -> None:
    text = yaml.safe_dump(_rule("a")).replace("f: x", f"f|hour: {value}")
    assert "whole number" in load(text).unsupported[0].reason
