"""What can't be loaded is reported with file, line and reason, and never in silence."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from detection import Matcher, RuleSet, load_rules
from detection.routing import RoutingPolicy

Load = Callable[..., RuleSet]

HEAD = """title: Test
id: 11111111-0000-4000-8000-000000000001
logsource:
  product: test
"""

BROKEN = [
    ("detection:\n  s:\n    f|contians: x\n  condition: s\n", 7, "unknown modifier 'contians'"),
    ("detection:\n  s:\n    f|re|cidr: x\n  condition: s\n", 7, "can't be combined"),
    ("detection:\n  s:\n    f|re: '('\n  condition: s\n", 7, "regular expression is not valid"),
    ("detection:\n  s:\n    f|cidr: 10.0.0.0/99\n  condition: s\n", 7, "needs a network"),
    ("detection:\n  s:\n    f|lt: many\n  condition: s\n", 7, "needs a number"),
    ("detection:\n  s:\n    f|exists: maybe\n  condition: s\n", 7, "true or false"),
    ("detection:\n  s:\n    f|base64: 'a*'\n  condition: s\n", 7, "wildcards"),
    ("detection:\n  s:\n    f|contains: null\n  condition: s\n", 7, "null"),
    ("detection:\n  s:\n    f|expand: '%admins%'\n  condition: s\n", 7, "placeholder %admins%"),
    ("detection:\n  s:\n    f: {g: x}\n  condition: s\n", 7, "must be a scalar"),
    ("detection:\n  s:\n    f: []\n  condition: s\n", 7, "empty"),
    ("detection:\n  s: {}\n  condition: s\n", 6, "empty"),
    ("detection:\n  s:\n    f: x\n  condition: t\n", 8, "'t', which the detection does not define"),
    ("detection:\n  s:\n    f: x\n  condition: (s\n", 8, "not closed"),
    ("detection:\n  s:\n    f: x\n  condition: s s\n", 8, "expected before 's'"),
    ("detection:\n  s:\n    f: x\n  condition: s and\n", 8, "ends where"),
    ("detection:\n  s:\n    f: x\n  condition: 1 of q*\n", 8, "covers no selection"),
    ("detection:\n  s:\n    f: x\n  condition: s | count() > 5\n", 8, "correlation rule"),
    ("detection:\n  s:\n    f: x\n  condition: " + "(" * 80 + "s" + ")" * 80 + "\n", 8, "nested"),
    ("detection:\n  s:\n    f: x\n", 5, "needs a condition"),
    ("detection:\n  s:\n    f: x\n  condition: s\nlevel: urgent\n", 9, "level 'urgent'"),
    ("detection:\n  s:\n    f: x\n  condition: s\nfengsui:\n  window: soon\n", 10, "no duration"),
    ("detection:\n  s:\n    f: x\n  condition: s\nfengsui:\n  entities: host\n", 10, "list of event fields"),
    ("correlation:\n  type: event_count\n", 5, "correlation:"),
    ("filter:\n  s:\n    f: x\n", 5, "filter needs 'rules'"),
    ("", 1, "no 'detection' section"),
]


@pytest.mark.parametrize(("body", "line", "reason"), BROKEN)
def test_a_broken_rule_names_line_and_reason(load: Load, body: str, line: int, reason: str) -> None:
    rules = load(HEAD + body)
    assert rules.rules == []
    (unsupported,) = rules.unsupported
    assert unsupported.id == "11111111-0000-4000-8000-000000000001"
    assert unsupported.path.name == "rules.yml"
    assert unsupported.line == line
    assert reason in unsupported.reason


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        (b"title: [\n", 2, "not valid YAML"),
        (b"- a\n- b\n", 1, "must be a map"),
        (b"title: \xff\n", 1, "not UTF-8"),
        (
            b"a: &a [x, x, x, x, x, x, x, x, x, x]\n"
            + b"\n".join(
                b"%c: &%c [*%c, *%c, *%c, *%c, *%c, *%c, *%c, *%c, *%c, *%c]" % ((c, c) + (c - 1,) * 10)
                for c in b"bcdefgh"
            ),
            1,
            "repeated",
        ),
        (b"title: " + b"[" * 100 + b"]" * 100 + b"\n", 1, "nested"),
    ],
)
def test_a_file_that_is_no_rule_file_is_reported(tmp_path: Path, text: bytes, line: int, reason: str) -> None:
    (tmp_path / "broken.yml").write_bytes(text)
    rules = load_rules([tmp_path])
    (unsupported,) = rules.unsupported
    assert (unsupported.path, unsupported.line) == (tmp_path / "broken.yml", line)
    assert reason in unsupported.reason


def test_a_missing_file_is_reported(tmp_path: Path) -> None:
    (unsupported,) = load_rules([tmp_path / "none.yml"]).unsupported
    assert "cannot be read" in unsupported.reason


def _rule(rule_id: str, extra: str = "", logsource: str = "product: test") -> str:
    return (
        f"title: Test {rule_id}\nid: {rule_id}\nlogsource:\n  {logsource}\n"
        f"detection:\n  s:\n    f: x\n  condition: s\n{extra}"
    )


def test_the_second_rule_of_an_id_is_reported(load: Load) -> None:
    rules = load(_rule("a"), _rule("a"), _rule("b"))
    assert [rule.id for rule in rules.rules] == ["a", "b"]
    (unsupported,) = rules.unsupported
    assert (unsupported.id, unsupported.line) == ("a", 12)
    assert "already" in unsupported.reason


def test_an_unknown_logsource_is_reported(load: Load) -> None:
    rules = load(_rule("a", logsource="product: toaster"))
    assert rules.rules == []
    assert "logsource product=toaster is unknown" in rules.unsupported[0].reason


def test_neighbors_of_a_broken_document_are_loaded(load: Load) -> None:
    rules = load(_rule("a"), HEAD + "detection: 5\n", _rule("c"))
    assert [rule.id for rule in rules.rules] == ["a", "c"]
    assert rules.unsupported[0].line == 15


def test_what_a_rule_says_of_itself_is_kept(load: Load) -> None:
    extra = (
        "level: high\nstatus: test\nauthor: A\ndescription: D\ntags: [attack.t1059.001, attack.defense-evasion]\n"
        "references: [https://example.org]\nfalsepositives: [Backups]\n"
        "fengsui: {entities: [host.name], window: 15m, owner: soc}\n"
    )
    (rule,) = load(_rule("a", extra)).rules
    assert (rule.level, rule.level.severity, rule.status, rule.author) == ("high", 3, "test", "A")
    assert (rule.technique_ids, rule.tactics) == (["T1059.001"], ["defense-evasion"])
    assert (rule.sources, rule.falsepositives) == (("https://example.org",), ("Backups",))
    assert (rule.settings.entities, rule.settings.window_ms) == (("host.name",), 900_000)
    assert rule.fengsui["owner"] == "soc"


def test_a_collection_shares_its_global_keys(load: Load) -> None:
    shared = "action: global\ntitle: Shared\nlogsource: {product: test}\ndetection: {condition: s}\n"
    rules = load(shared, "id: a\ndetection: {s: {f: x}}\n", "id: b\ndetection: {s: {f: y}}\n")
    assert rules.unsupported == []
    assert [(rule.id, rule.title) for rule in rules.rules] == [("a", "Shared"), ("b", "Shared")]


def test_placeholders_take_the_values_given(test_policy: RoutingPolicy, tmp_path: Path) -> None:
    text = HEAD + "detection:\n  s:\n    f|expand: 'adm_%admins%'\n  condition: s\n"
    (tmp_path / "a.yml").write_text(text)
    rules = load_rules([tmp_path], placeholders={"admins": ["li", "wu"]}, policy=test_policy)
    events = [{"event.dataset": "test.log", "f": name} for name in ("adm_li", "adm_wu", "adm_%admins%", "li")]
    assert [match.event["f"] for match in Matcher(rules, test_policy).match(events)] == ["adm_li", "adm_wu"]


def test_a_filter_narrows_the_rules_it_means(load: Load, test_policy: RoutingPolicy) -> None:
    narrowing = (
        "title: Filter\nlogsource: {product: test}\nfilter:\n  rules: [a]\n  s:\n    u: admin\n  condition: not s\n"
    )
    rules = load(_rule("a"), _rule("b"), narrowing)
    assert rules.unsupported == []
    matcher = Matcher(rules, test_policy)
    admin = matcher.match([{"event.dataset": "test.log", "f": "x", "u": "admin"}])
    guest = matcher.match([{"event.dataset": "test.log", "f": "x", "u": "guest"}])
    assert [match.rule.id for match in admin] == ["b"]
    assert [match.rule.id for match in guest] == ["a", "b"]


def test_a_filter_for_an_absent_rule_is_reported(load: Load) -> None:
    rules = load(
        _rule("a"),
        "title: F\nlogsource: {product: test}\nfilter:\n  rules: [zzz]\n  s: {u: x}\n  condition: not s\n",
    )
    assert "zzz" in rules.unsupported[0].reason
