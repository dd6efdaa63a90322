from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

if TYPE_CHECKING:
    from tests.fengsui.conftest import Fengsui

_RULE = """
title: Failed password
id: failed-password
logsource: {product: linux, service: sshd}
detection:
  failed: ['Failed password']
  condition: failed
level: low
"""


@pytest.fixture
def rule(tmp_path: Path) -> Path:
    path = tmp_path / "rule.yml"
    path.write_text(_RULE, encoding="utf-8")
    return path


def test_files_and_the_store_tell_the_same(fengsui: Fengsui, city: Path, rule: Path) -> None:
    log = city / "sshd.log"
    zone = ("--timezone", "Asia/Shanghai")
    ran = fengsui("rules", "backtest", log, "--rules", rule, *zone)
    assert ran.status == 1, "one line of the sample is broken on purpose"
    (of_files,) = ran.lines
    assert of_files["events"] == log.read_text(encoding="utf-8", errors="replace").count("Failed password") > 100
    assert sum(of_files["days"].values()) == of_files["events"]
    assert len(of_files["samples"]) == 3
    fengsui("ingest", log, *zone)
    stored = fengsui("rules", "backtest", "--rules", rule)
    assert stored.status == 0, stored.err
    (of_store,) = stored.lines
    kept = ("events", "days", "entities", "first", "last")
    assert {name: of_store[name] for name in kept} == {name: of_files[name] for name in kept}
    day = max(of_files["days"])
    (later,) = fengsui("rules", "backtest", "--rules", rule, "--from", f"{day}T00:00:00Z").lines
    assert later["days"] == {day: of_files["days"][day]}


def test_what_is_not_as_expected_fails_and_stands_in_the_report(
    fengsui: Fengsui, city: Path, rule: Path, tmp_path: Path
) -> None:
    expected, report = tmp_path / "expected.yml", tmp_path / "report.xml"
    expected.write_text("failed-password: {min: 1}\n", encoding="utf-8")
    arguments = ("rules", "backtest", "--rules", rule, "--expect", expected, "--junit", report)
    fengsui("ingest", city / "sshd.log", "--timezone", "Asia/Shanghai")
    assert fengsui(*arguments).status == 0
    assert ET.parse(report).getroot().get("failures") == "0"  # noqa: S314 (our own)
    expected.write_text("failed-password: {max: 1}\n", encoding="utf-8")
    ran = fengsui(*arguments)
    assert ran.status == 1
    assert "not as expected: failed-password Failed password" in ran.err
    assert ET.parse(report).getroot().get("failures") == "1"  # noqa: S314 (our own)


def test_a_range_goes_with_the_store_only(fengsui: Fengsui, city: Path) -> None:
    ran = fengsui("rules", "backtest", city / "sshd.log", "--from", "2026-01-01T00:00:00Z")
    assert ran.status == 2
    assert "leave them out" in ran.err
