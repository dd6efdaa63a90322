from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.fengsui.conftest import Fengsui

_RULES = """
title: Password guessed
id: guessed
tags: [attack.credential-access, attack.t1110]
logsource: {product: linux, service: sshd}
detection: {s: ['Failed password'], condition: s}
level: high
---
title: Unseen
id: unseen
tags: [attack.impact, attack.t1486]
logsource: {product: windows, service: security}
detection: {s: {EventID: 1}, condition: s}
level: high
---
title: Only tried
id: tried
status: experimental
tags: [attack.impact, attack.t1490]
logsource: {product: linux, service: sshd}
detection: {s: ['vssadmin'], condition: s}
level: high
"""


def test_tells_what_is_covered_and_writes_a_layer(fengsui: Fengsui, tmp_path: Path) -> None:
    rules, log, layer = tmp_path / "rules.yml", tmp_path / "auth.log", tmp_path / "layer.json"
    rules.write_text(_RULES, encoding="utf-8")
    moment = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
    log.write_text(
        f"{moment} host sshd[1]: Failed password for root from 198.51.100.7 port 22 ssh2\n", encoding="utf-8"
    )
    assert fengsui("ingest", log).status == 0
    ran = fengsui("rules", "coverage", "--rules", rules, "--navigator", layer)
    assert ran.status == 0, ran.err
    assert [(line["technique"], line["tactics"], line["state"]) for line in ran.lines] == [
        ("T1110", ["credential-access"], "seen"),
        ("T1486", ["impact"], "blind"),
        ("T1490", ["impact"], "none"),
    ]
    assert ran.lines[0]["rules"][0]["events"] == 1
    assert "3 techniques: 1 covered" in ran.err
    scores = {each["techniqueID"]: each["score"] for each in json.loads(layer.read_text("utf-8"))["techniques"]}
    assert scores == {"T1110": 100, "T1486": 50, "T1490": 0}


def test_before_anything_came_in_nothing_is_seen(fengsui: Fengsui) -> None:
    ran = fengsui("rules", "coverage")
    assert ran.status == 0, ran.err
    assert {line["state"] for line in ran.lines} <= {"blind", "none"}
