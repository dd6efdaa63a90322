"""Kept readings say what parsing says; what changed is parsed again and no more; what can't be trusted is not used."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from detection import Rule, RuleSet, load_rules
from detection.correlation.repository import _content
from detection.routing import RoutingPolicy
from detection.rules import ReadingCache, default_reading_cache, gathering
from detection.rules.reading import FileReading, read_file

RULE = """title: Rule {n}
id: r{n}
date: 2025-01-02
logsource: {{product: test}}
detection:
  s: {{f|contains: [{value}, 'a*b?c'], n|gt: .inf, m|gte: 3, o|lt: 1.5, t|hour: 7}}
  r: {{f|re|i: 'x+', g|cidr: 10.0.0.0/8, h|fieldref: f, i: null, j|exists: false, k|windash|cased: ' -e '}}
  condition: s or not r
fengsui:
  {{threshold: {{field: user.name, count: 3, within: 1h}}, owner: soc,
   requirement: [B5, B7], accountable: consumer, playbook: suspend_grant}}
"""
OTHERS = """title: Narrowing
logsource: {product: test}
filter: {rules: [r1], u: {user: x}, condition: not u}
---
title: Many
id: many
date: 2025-01-02
correlation: {type: event_count, rules: [r1], group-by: [user], timespan: 5m, condition: {gte: 3}}
---
title: Broken
id: broken
logsource: {product: test}
detection: {s: {f|nonsense: x}, condition: s}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "rules"
    folder.mkdir()
    for number in range(3):
        (folder / f"{number}.yml").write_text(RULE.format(n=number, value=f"value {number}"), encoding="utf-8")
    (folder / "others.yml").write_text(OTHERS, encoding="utf-8")
    return folder


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The files that were parsed, by name."""
    names: list[str] = []

    def counted(path: Path, content: bytes, placeholders: dict[str, Sequence[str]]) -> FileReading:
        names.append(path.name)
        return read_file(path, content, placeholders)

    monkeypatch.setattr(gathering, "read_file", counted)
    return names


def _said(rule_set: RuleSet) -> tuple[object, ...]:
    return (
        [[_value(rule, each.name) for each in fields(Rule)] for rule in rule_set.rules],
        rule_set.unsupported,
        [_content(each) for each in rule_set.correlations],
    )


def _value(rule: Rule, name: str) -> object:
    return rule.expression if name == "detection" else getattr(rule, name)


def test_what_is_kept_says_the_same(
    folder: Path, tmp_path: Path, test_policy: RoutingPolicy, parsed: list[str]
) -> None:
    cache = ReadingCache(tmp_path / "deep" / "cache")
    fresh = _said(load_rules([folder], policy=test_policy))
    assert _said(load_rules([folder], policy=test_policy, cache=cache)) == fresh
    parsed.clear()
    assert _said(load_rules([folder], policy=test_policy, cache=cache)) == fresh
    assert parsed == []
    (kept,) = (tmp_path / "deep" / "cache").iterdir()
    assert kept.stat().st_mode & 0o077 == 0
    assert kept.parent.stat().st_mode & 0o077 == 0


def test_only_the_changed_file_is_parsed_again(
    folder: Path, tmp_path: Path, test_policy: RoutingPolicy, parsed: list[str]
) -> None:
    cache = ReadingCache(tmp_path / "cache")
    load_rules([folder], policy=test_policy, cache=cache)
    before = (folder / "1.yml").stat()
    changed = (folder / "1.yml").read_text(encoding="utf-8").replace("value 1", "value 9")
    (folder / "1.yml").write_text(changed, encoding="utf-8")
    os.utime(folder / "1.yml", ns=(before.st_atime_ns, before.st_mtime_ns))
    (folder / "0.yml").rename(folder / "moved.yml")
    parsed.clear()
    rules = load_rules([folder], policy=test_policy, cache=cache)
    assert parsed == ["1.yml"], "same size, same time, other content"
    assert _said(rules) == _said(load_rules([folder], policy=test_policy))
    parsed.clear()
    load_rules([folder], policy=test_policy, cache=cache)
    assert parsed == []


def test_other_placeholders_are_another_reading(tmp_path: Path, test_policy: RoutingPolicy) -> None:
    (tmp_path / "a.yml").write_text(
        "title: T\nlogsource: {product: test}\ndetection: {s: {f|expand: '%admins%'}, condition: s}\n", encoding="utf-8"
    )
    cache = ReadingCache(tmp_path / "cache")
    for admins in (["li"], ["wu"], []):
        rules = load_rules([tmp_path / "a.yml"], {"admins": admins}, test_policy, cache)
        assert _said(rules) == _said(load_rules([tmp_path / "a.yml"], {"admins": admins}, test_policy))


@pytest.mark.parametrize("damage", [b"", b"x" * 40, b"[]", None])
def test_what_is_damaged_is_read_anew(
    folder: Path, tmp_path: Path, test_policy: RoutingPolicy, parsed: list[str], damage: bytes | None
) -> None:
    cache = ReadingCache(tmp_path / "cache")
    fresh = _said(load_rules([folder], policy=test_policy, cache=cache))
    (kept,) = (tmp_path / "cache").iterdir()
    kept.write_bytes(kept.read_bytes()[:-1] if damage is None else damage)
    parsed.clear()
    assert _said(load_rules([folder], policy=test_policy, cache=cache)) == fresh
    assert len(parsed) == 4
    assert _said(load_rules([folder], policy=test_policy, cache=cache)) == fresh
    assert len(parsed) == 4, "it was written anew"


def test_what_others_may_write_to_is_not_trusted(
    folder: Path, tmp_path: Path, test_policy: RoutingPolicy, parsed: list[str]
) -> None:
    cache = ReadingCache(tmp_path / "cache")
    load_rules([folder], policy=test_policy, cache=cache)
    (kept,) = (tmp_path / "cache").iterdir()
    kept.chmod(0o666)
    parsed.clear()
    load_rules([folder], policy=test_policy, cache=cache)
    assert len(parsed) == 4
    (kept,) = (tmp_path / "cache").iterdir()
    assert kept.stat().st_mode & 0o077 == 0


def test_a_folder_that_can_not_be_written_costs_only_time(
    folder: Path, tmp_path: Path, test_policy: RoutingPolicy
) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    cache = ReadingCache(tmp_path / "file" / "cache")
    assert len(load_rules([folder], policy=test_policy, cache=cache).rules) == 3


def test_the_default_is_the_users_cache_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert default_reading_cache().folder == tmp_path / "fengsui" / "rules"


_scalar = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5), st.dates())
_item = st.sampled_from(
    ["f", "f|contains", "f|re", "f|cased", "f|exists", "f|gt", "f|windash", "g|base64offset|contains"]
)
_own = st.dictionaries(st.text(max_size=3) | st.integers(), _scalar | st.lists(_scalar, max_size=2), max_size=2)


@settings(max_examples=150)
@given(
    items=st.dictionaries(_item, _scalar | st.lists(_scalar, max_size=3), min_size=1, max_size=3),
    own=_own,
    condition=st.sampled_from(["s", "not s", "1 of s*"]),
)
def test_any_rule_is_kept_as_it_is_or_not_at_all(
    tmp_path: Path, test_policy: RoutingPolicy, items: dict[str, object], own: dict[str, object], condition: str
) -> None:
    document = {
        "title": "T",
        "logsource": {"product": "test"},
        "detection": {"s": items, "condition": condition},
        "fengsui": own,
    }
    path = tmp_path / "any.yml"
    path.write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")
    cache = ReadingCache(tmp_path / "cache")
    fresh = repr(_said(load_rules([path], policy=test_policy)))
    assert repr(_said(load_rules([path], policy=test_policy, cache=cache))) == fresh
    assert repr(_said(load_rules([path], policy=test_policy, cache=cache))) == fresh


@pytest.mark.shared_data
def test_recorded_rules_are_kept_as_they_are(tmp_path: Path, shared_data: Path) -> None:
    folders = [shared_data / "sigma" / "rules" / "linux", shared_data / "sigma" / "rules" / "web"]
    cache = ReadingCache(tmp_path)
    fresh = _said(load_rules(folders, cache=cache))
    assert _said(load_rules(folders, cache=cache)) == fresh
