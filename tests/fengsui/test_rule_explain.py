from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.fengsui.conftest import Fengsui

_RULE = """
title: Burning tower
id: 5f7a0f5e-6a55-4b57-9a6a-3d2cbb7b41a1
logsource: {product: linux, service: sshd}
detection:
  failed: {message|contains: 'Failed password'}
  admin: {user.name: root}
  condition: failed and not admin
level: high
"""
_EVENT = {
    "@timestamp": "2026-01-31T08:00:00.000Z",
    "event": {"dataset": "linux.auth"},
    "process.name": "sshd",
    "message": "Failed password for alice",
    "user.name": "root",
}


@pytest.fixture
def rule(tmp_path: Path) -> Path:
    path = tmp_path / "tower.yml"
    path.write_text(_RULE, encoding="utf-8")
    return path


def test_tells_why_an_event_is_not_matched(fengsui: Fengsui, rule: Path, tmp_path: Path) -> None:
    event = tmp_path / "event.json"
    event.write_text(json.dumps(_EVENT), encoding="utf-8")
    ran = fengsui("rules", "explain", rule, event)
    assert ran.status == 0, ran.err
    (told,) = ran.lines
    assert told["matched"] is False
    taken = next(route for route in told["routes"] if route["taken"])
    failed, admin = taken["condition"]["parts"]
    assert (failed["name"], failed["held"], failed["parts"][0]["values"]) == ("failed", True, [_EVENT["message"]])
    assert (admin["joint"], admin["held"]) == ("not", False)
    assert "✗ not" in ran.err
    assert "✓ user.name equals root (user.name: 'root')" in ran.err


def test_takes_an_id_and_one_event_a_line(fengsui: Fengsui, rule: Path, tmp_path: Path) -> None:
    events = tmp_path / "events.ndjson"
    lines = [json.dumps(_EVENT | {"user.name": name}) for name in ("root", "alice")]
    events.write_text("\n".join(lines) + "\n", encoding="utf-8")
    ran = fengsui("rules", "explain", "5f7a0f5e-6a55-4b57-9a6a-3d2cbb7b41a1", events, "--rules", rule)
    assert ran.status == 0, ran.err
    assert [told["matched"] for told in ran.lines] == [False, True]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nobody-has-this-id", "event.json"], "no rule of this id"),
        (["tower.yml", "absent.json"], "can't be read"),
        (["tower.yml", "broken.json"], "broken.json:1"),
        (["tower.yml", "list.json"], "an event is a JSON object"),
    ],
)
def test_wrong_usage_says_what_to_do(
    fengsui: Fengsui, rule: Path, tmp_path: Path, arguments: list[str], said: str
) -> None:
    assert rule.exists()
    (tmp_path / "event.json").write_text(json.dumps(_EVENT), encoding="utf-8")
    (tmp_path / "broken.json").write_text("{", encoding="utf-8")
    (tmp_path / "list.json").write_text("[1]", encoding="utf-8")
    ran = fengsui("rules", "explain", *arguments)
    assert ran.status == 2
    assert said in ran.err


def test_a_correlation_is_explained_by_its_rules(fengsui: Fengsui, rule: Path, tmp_path: Path) -> None:
    section = "{type: event_count, rules: [5f7a0f5e-6a55-4b57-9a6a-3d2cbb7b41a1], timespan: 5m, condition: {gte: 3}}"
    rule.write_text(f"{_RULE}---\ntitle: Many fires\nid: many-fires\ncorrelation: {section}\n", encoding="utf-8")
    event = tmp_path / "event.json"
    event.write_text(json.dumps(_EVENT), encoding="utf-8")
    ran = fengsui("rules", "explain", "many-fires", event, "--rules", rule)
    assert ran.status == 0, ran.err
    assert [line["title"] for line in ran.lines] == ["Burning tower"]
    assert "Many fires: a correlation over several events" in ran.err
