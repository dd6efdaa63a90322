from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.fengsui.conftest import Fengsui

_RULES = """
title: Shell
id: 5f7a0f5e-6a55-4b57-9a6a-3d2cbb7b41a1
logsource: {product: linux, service: sshd}
detection: {s: {user.name: root}, condition: s}
---
title: Anywhere
id: 5f7a0f5e-6a55-4b57-9a6a-3d2cbb7b41a2
logsource: {product: windows}
detection: {s: [needle], condition: s}
"""


def test_converts_what_can_be_converted_and_names_the_rest(fengsui: Fengsui, tmp_path: Path) -> None:
    path = tmp_path / "rules.yml"
    path.write_text(_RULES, encoding="utf-8")
    ran = fengsui("rules", "convert", path, "--format", "esql", "--index", "logs-*")
    assert ran.status == 1
    assert [(line["rule"]["title"], line["format"]) for line in ran.lines] == [("Shell", "esql")]
    assert ran.lines[0]["query"].startswith("from logs-* ")
    assert 'user.name=="root"' in ran.lines[0]["query"]
    assert "5f7a0f5e-6a55-4b57-9a6a-3d2cbb7b41a2" in ran.err
    assert "not converted" in ran.err
    lucene = fengsui("rules", "convert", path)
    assert lucene.status == 0, lucene.err
    assert {line["rule"]["title"] for line in lucene.lines} == {"Shell", "Anywhere"}


def test_a_correlation_is_converted_or_named_with_the_reason(fengsui: Fengsui, tmp_path: Path) -> None:
    section = "{type: event_count, rules: [5f7a0f5e-6a55-4b57-9a6a-3d2cbb7b41a1], timespan: 5m, condition: {gte: 3}}"
    path = tmp_path / "rules.yml"
    path.write_text(
        f"{_RULES}---\ntitle: Many\nid: 5f7a0f5e-6a55-4b57-9a6a-3d2cbb7b41a3\ncorrelation: {section}\n",
        encoding="utf-8",
    )
    ran = fengsui("rules", "convert", path)
    assert ran.status == 1
    assert {line["rule"]["title"] for line in ran.lines} == {"Shell", "Anywhere"}
    assert "5f7a0f5e-6a55-4b57-9a6a-3d2cbb7b41a3: lucene can't express it: it finds single events" in ran.err
    ran = fengsui("rules", "convert", path, "--format", "esql")
    assert {line["rule"]["title"] for line in ran.lines} == {"Shell", "Many"}
    assert "buckets of the clock" in ran.err
