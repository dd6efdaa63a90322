from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.fengsui.conftest import Fengsui

RULE = """
title: Night call
id: 8d1b6a53-0d5c-4a38-9b0e-2d1f3b2f4c11
status: test
level: high
logsource: {product: linux, service: sshd}
detection:
  selection: {event.action: ssh_login, event.outcome: failure}
  condition: selection
"""
LOG = """Nov 18 09:12:01 bastion01 sshd[811]: Failed password for invalid user test from 198.51.100.23 port 40022 ssh2
Nov 18 09:12:04 bastion01 sshd[811]: Connection closed by invalid user test 198.51.100.23 port 40022 [preauth]
"""


def test_normalize_writes_one_event_a_line(fengsui: Fengsui, tmp_path: Path) -> None:
    (tmp_path / "auth.log").write_text(LOG, encoding="utf-8")
    ran = fengsui("normalize", "auth.log", "--timezone", "Asia/Shanghai")
    assert ran.status == 0, ran.err
    first, second = ran.lines
    assert first["@timestamp"].endswith("-11-18T01:12:01.000Z")
    assert (first["source.ip"], first["user.name"], first["event.outcome"]) == ("198.51.100.23", "test", "failure")
    assert [first["event.original"], second["event.original"]] == LOG.splitlines()
    assert "1 files, 2 events, 0 dead letters" in ran.err


def test_normalize_tells_what_it_could_not_read_and_exits_with_1(fengsui: Fengsui, tmp_path: Path) -> None:
    (tmp_path / "auth.log").write_text(LOG + "secret words without any time\n", encoding="utf-8")
    ran = fengsui("normalize", "auth.log", "--dead-letters", "dead.ndjson")
    assert ran.status == 1
    assert len(ran.lines) == 2
    [letter] = [json.loads(line) for line in (tmp_path / "dead.ndjson").read_text(encoding="utf-8").splitlines()]
    assert (letter["reason"], letter["position"]) == ("no_time", len(LOG))
    assert "secret" not in letter["detail"] + ran.err


def test_detect_writes_a_line_a_match_and_a_summary(fengsui: Fengsui, tmp_path: Path) -> None:
    (tmp_path / "auth.log").write_text(LOG, encoding="utf-8")
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "night.yml").write_text(RULE.replace("ssh_login", "ssh_login_failed"), encoding="utf-8")
    (tmp_path / "rules" / "broken.yml").write_text("title: [unfinished\n", encoding="utf-8")
    event = fengsui("normalize", "auth.log").lines[0]
    (tmp_path / "rules" / "night.yml").write_text(RULE.replace("ssh_login", event["event.action"]), encoding="utf-8")
    ran = fengsui("detect", "auth.log", "--rules", "rules", "--summary", "summary.json")
    assert ran.status == 0, ran.err
    [line] = ran.lines
    assert line["rule"] == {"id": "8d1b6a53-0d5c-4a38-9b0e-2d1f3b2f4c11", "title": "Night call", "level": "high"}
    assert (line["file"], line["time"]) == ("auth.log", line["event"]["@timestamp"])
    summary = json.loads((tmp_path / "summary.json").read_text(encoding="utf-8"))
    assert (summary["files"], summary["events"], summary["dead_letters"], summary["matches"]) == (1, 2, 0, 1)
    assert summary["rules"]["loaded"] == 1
    assert [Path(rule["path"]).name for rule in summary["rules"]["unsupported"]] == ["broken.yml"]
    assert set(summary["seconds"]) == {"load", "run"}
    assert "broken.yml" in ran.err


def test_a_folder_is_read_without_what_is_no_log(fengsui: Fengsui, tmp_path: Path) -> None:
    logs = tmp_path / "logs" / "host"
    logs.mkdir(parents=True)
    (logs / "auth.log").write_text(LOG, encoding="utf-8")
    (logs / "README.md").write_text("about these logs", encoding="utf-8")
    (logs / ".hidden").write_text("x", encoding="utf-8")
    ran = fengsui("normalize", "logs")
    assert (ran.status, len(ran.lines)) == (0, 2)
    assert fengsui("normalize", "logs/host/README.md").status == 1


def test_the_sample_city_is_found_out(fengsui: Fengsui, city: Path) -> None:
    ran = fengsui("detect", city / "gateway-access.ndjson", city / "sshd.log", "--timezone", "Asia/Shanghai")
    assert ran.status == 1, "the samples hold records that are broken on purpose"
    levels = {line["rule"]["level"] for line in ran.lines}
    assert "critical" in levels
    assert {Path(line["file"]).name for line in ran.lines} == {"gateway-access.ndjson", "sshd.log"}


def test_wrong_usage_exits_with_2_and_says_what_is_right(fengsui: Fengsui, tmp_path: Path) -> None:
    (tmp_path / "auth.log").write_text(LOG, encoding="utf-8")
    for arguments, word in (
        (["normalize", "absent.log"], "absent.log"),
        (["normalize", "auth.log", "--format", "klingon"], "known are"),
        (["normalize", "auth.log", "--timezone", "Mars/Olympus"], "Asia/Shanghai"),
        (["detect", "auth.log", "--rules", "absent"], "absent"),
        (["nonsense"], "nonsense"),
    ):
        ran = fengsui(*arguments)
        assert ran.status == 2, (arguments, ran.err)
        assert word in ran.err
        assert "Traceback" not in ran.err
