"""What ``detect`` tells of rules with new terms or a threshold, and of indicators: the same in any order of files."""

from __future__ import annotations

import json
from itertools import islice, permutations
from pathlib import Path
from typing import Any

import pytest

from tests.fengsui.conftest import Fengsui

RULES = """title: Sign-in from a new address
id: new-address
logsource: {product: linux, service: sshd}
detection: {s: {message|contains: Accepted publickey}, condition: s}
fengsui: {new_terms: {fields: [user.name, source.ip], history: 14d, learning: 5m}}
---
title: Many sign-ins
id: many-sign-ins
logsource: {product: linux, service: sshd}
detection: {s: {message|contains: Accepted publickey}, condition: s}
fengsui: {threshold: {field: user.name, count: 4, within: 1h}}
---
title: Any sign-in of root
id: root
logsource: {product: linux, service: sshd}
detection: {s: {message|contains: Accepted publickey for root}, condition: s}
"""


def _log(*entries: tuple[str, str, str]) -> str:
    return "".join(
        f"Nov 18 {moment} db-1 sshd[7]: Accepted publickey for {user} from {address} port 5 ssh2: ED25519 k\n"
        for moment, user, address in entries
    )


PEER = "203.0.113.7"
FILES = {
    "a.log": _log(("00:00:13", "ops", "10.0.0.1"), ("00:01:13", "ops", "10.0.0.1")),
    "b.log": _log(("00:20:13", "ops", "10.0.0.1"), ("00:21:13", "ops", "203.0.113.7"), ("02:00:00", "ops", "10.0.0.1")),
    "c.log": _log(
        ("00:55:13", "ops", "203.0.113.7"), ("03:00:00", "root", "10.0.0.9"), ("04:00:00", "ops", "10.0.0.1")
    ),
}


def _told(lines: list[dict[str, Any]]) -> list[str]:
    """The lines without the moment at which an event was read."""
    for line in lines:
        del line["event"]["event.ingested"]
    return sorted(json.dumps(line, sort_keys=True) for line in lines)


def _moments(lines: list[dict[str, Any]], rule_id: str) -> list[tuple[str, str]]:
    return sorted((line["time"][11:19], line["file"]) for line in lines if line["rule"]["id"] == rule_id)


def test_only_what_would_have_alerted_is_told_in_any_order(fengsui: Fengsui, tmp_path: Path) -> None:
    (tmp_path / "rules.yml").write_text(RULES, encoding="utf-8")
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    runs = [
        fengsui("detect", *order, "--rules", "rules.yml").lines for order in islice(permutations(FILES), 0, None, 2)
    ]
    assert _moments(runs[0], "new-address") == [("00:21:13", "b.log"), ("03:00:00", "c.log")]
    assert _moments(runs[0], "many-sign-ins") == [
        ("00:00:13", "a.log"),
        ("00:01:13", "a.log"),
        ("00:20:13", "b.log"),
        ("00:21:13", "b.log"),
        ("00:55:13", "c.log"),
    ]
    assert _moments(runs[0], "root") == [("03:00:00", "c.log")]
    first, *others = [_told(run) for run in runs]
    assert all(other == first for other in others)


STIX = {
    "type": "bundle",
    "id": "bundle--4b1b0d9a-6f0e-4f8e-9d5e-0d7a3f6a2a11",
    "objects": [
        {
            "type": "indicator",
            "spec_version": "2.1",
            "id": "indicator--0f2c7f0e-6b0f-4a39-8a59-2a6c1d1f7f11",
            "created": "2025-01-01T00:00:00Z",
            "modified": "2025-01-01T00:00:00Z",
            "pattern": "[ipv4-addr:value = '203.0.113.7']",
            "pattern_type": "stix",
            "valid_from": "2000-01-01T00:00:00Z",
            "confidence": 90,
        }
    ],
}
MISP = {
    "Event": {
        "Orgc": {"name": "CERT"},
        "Attribute": [{"type": "ip-dst", "to_ids": True, "value": "203.0.113.7", "uuid": "u"}],
    }
}


@pytest.mark.parametrize(
    ("name", "content", "level"),
    [
        ("feed.json", json.dumps(STIX), "high"),
        ("feed.json", json.dumps(MISP), "medium"),
        ("feed.csv", "value,confidence,source\n203.0.113.0/24,85,CERT\n", "high"),
        ("feed.txt", "# peers\n203.0.113[.]7\n", "medium"),
    ],
)
def test_indicators_of_every_form_are_found_offline(
    fengsui: Fengsui, tmp_path: Path, name: str, content: str, level: str
) -> None:
    (tmp_path / name).write_text(content, encoding="utf-8")
    (tmp_path / "rules").mkdir()
    for each, text in FILES.items():
        (tmp_path / each).write_text(text, encoding="utf-8")
    ran = fengsui("detect", *FILES, "--rules", "rules", "--indicators", name, "--summary", "summary.json")
    assert ran.status == 0, ran.err
    assert sorted((line["time"][11:19], line["file"]) for line in ran.lines) == [
        ("00:21:13", "b.log"),
        ("00:55:13", "c.log"),
    ]
    assert set(ran.lines[0]) == {"rule", "time", "file", "event"}
    assert {line["rule"]["level"] for line in ran.lines} == {level}
    assert ran.lines[0]["rule"]["title"] == "与已知恶意地址通信 / Contact with a known malicious address"
    assert ran.lines[0]["event"]["threat.indicator.name"] in {"203.0.113.7", "203.0.113.0/24"}
    assert ran.lines[0]["event"]["source.ip"] == "203.0.113.7"
    assert json.loads((tmp_path / "summary.json").read_text(encoding="utf-8"))["matches"] == 2


def test_what_is_no_indicator_is_told(fengsui: Fengsui, tmp_path: Path) -> None:
    (tmp_path / "a.log").write_text(FILES["a.log"], encoding="utf-8")
    (tmp_path / "rules").mkdir()
    (tmp_path / "feed.txt").write_text("not an address\n10.0.0.1\n", encoding="utf-8")
    ran = fengsui("detect", "a.log", "--rules", "rules", "--indicators", "feed.txt")
    assert (ran.status, len(ran.lines)) == (0, 2)
    assert "feed.txt: line 1" in ran.err
    (tmp_path / "feed.json").write_text('{"type": "bundle"', encoding="utf-8")
    ran = fengsui("detect", "a.log", "--rules", "rules", "--indicators", "feed.json")
    assert ran.status == 2
    assert "feed.json" in ran.err
