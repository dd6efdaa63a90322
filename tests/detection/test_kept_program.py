"""A program that is kept on disk matches as the one it was made of, and explains its matches alike."""

from __future__ import annotations

from pathlib import Path

import pytest

from detection import MatchedField, Matcher, load_rules, matched_fields
from detection.compile import kept_program
from detection.match import DatabaseCache
from detection.rules import ReadingCache
from events import Event

_RULE = """
title: {number}
id: {number}
logsource: {{product: linux, service: auth}}
detection:
  shell: {{process.name|endswith: sh, process.args|re: 'a{number}$', user.name|fieldref: process.user}}
  keyword: [failed-{number}, lost]
  none: {{user.id: null, source.ip|cidr: 10.0.0.0/8, bytes|gt: {number}}}
  cased: {{file.name|contains|cased: X{number}}}
  condition: shell or keyword or (none and not cased)
"""
_EVENTS: list[Event] = [
    {"event.dataset": "linux.auth", "event.id": str(number), **fields}
    for number, fields in enumerate(
        [
            {"process.name": "bash", "process.args": "-a7", "user.name": "u", "process.user": "U"},
            {"process.name": "bash", "process.args": "-a7", "user.name": "u", "process.user": "v"},
            {"message": "it failed-3 here"},
            {"source.ip": "10.1.1.1", "bytes": 5, "file.name": "X4"},
            {"source.ip": "10.1.1.1", "bytes": 5, "file.name": "x4", "user.id": "1"},
        ]
    )
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    texts = [_RULE.format(number=number) for number in range(60)]
    (tmp_path / "rules.yml").write_text("---".join(texts), encoding="utf-8")
    return tmp_path


def _found(folder: Path, databases: DatabaseCache) -> list[tuple[str, str, list[MatchedField]]]:
    rules = load_rules([folder / "rules.yml"], cache=ReadingCache(folder / "readings"))
    assert rules.unsupported == []
    matches = Matcher(rules, databases=databases).match(_EVENTS)
    return sorted((match.rule.id, str(match.event["event.id"]), matched_fields(match)) for match in matches)


def test_finds_and_explains_the_same(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    anew = _found(folder, DatabaseCache())
    assert {(rule, event) for rule, event, _ in anew} == {
        ("7", "0"), ("3", "2"), *((str(number), "3") for number in range(5) if number != 4),
    }  # fmt: skip
    cache = DatabaseCache(folder / "cache")
    assert _found(folder, cache) == anew
    monkeypatch.setattr(kept_program, "compile_program", None)
    assert _found(folder, cache) == anew


@pytest.mark.parametrize("damage", [b"", b"x" * 99])
def test_a_damaged_one_is_compiled_anew(folder: Path, damage: bytes) -> None:
    cache = DatabaseCache(folder / "cache")
    anew = _found(folder, cache)
    [file] = (folder / "cache").glob("*.program")
    file.write_bytes(damage)
    assert _found(folder, cache) == anew
    assert len(file.read_bytes()) > len(damage)


def test_another_rule_is_another_program(folder: Path) -> None:
    cache = DatabaseCache(folder / "cache")
    anew = _found(folder, cache)
    rules = folder / "rules.yml"
    rules.write_text(rules.read_text(encoding="utf-8").replace("failed-3", "mislaid-3"), encoding="utf-8")
    assert [each for each in anew if each not in _found(folder, cache)] == [each for each in anew if each[0] == "3"][:1]
    assert len(list((folder / "cache").glob("*.program"))) == 2
