"""The lint of rules: what can't be used is an error with its line, what is doubtful a warning."""

from __future__ import annotations

from pathlib import Path

from detection.check import FindingSeverity, check_rules

RULE = """title: Style
id: 5013198b-7b5b-4c1e-8d3e-2f6a57b8f6aa
status: test
description: d
author: a
date: 2026-01-01
tags: [attack.execution]
logsource: {category: process_creation, product: windows}
detection:
  selection:
    Image|endswith: '\\cmd.exe'
  unused:
    User: b
  condition: CONDITION
level: high
"""


def test_errors_and_warnings_name_file_and_line(tmp_path: Path) -> None:
    (tmp_path / "unused_selection.yml").write_text(RULE.replace("CONDITION", "selection"), encoding="utf-8")
    (tmp_path / "unknown_selection.yml").write_text(
        RULE.replace("CONDITION", "selection or missing").replace("5013198b", "6013198b"), encoding="utf-8"
    )
    findings = check_rules([tmp_path])
    error = next(finding for finding in findings if finding.severity is FindingSeverity.ERROR)
    assert (error.path.name, error.line, error.rule_id) == (
        "unknown_selection.yml",
        14,
        "6013198b-7b5b-4c1e-8d3e-2f6a57b8f6aa",
    )
    assert "missing" in error.message
    warning = next(finding for finding in findings if finding.path.name == "unused_selection.yml")
    assert warning.severity is FindingSeverity.WARNING
    assert "unused" in warning.message


def test_a_good_rule_gives_nothing_to_mend(tmp_path: Path) -> None:
    (tmp_path / "two_selections.yml").write_text(RULE.replace("CONDITION", "selection and unused"), encoding="utf-8")
    assert check_rules([tmp_path]) == []


def test_the_rules_shipped_with_the_product_are_clean() -> None:
    shipped = Path(__file__).resolve().parents[2] / "detection" / "content"
    assert [finding for finding in check_rules([shipped]) if finding.severity is FindingSeverity.ERROR] == []


def test_a_rule_that_only_other_tools_refuse_is_a_warning(tmp_path: Path) -> None:
    text = RULE.replace("CONDITION", "selection and unused").replace("User: b", "User|utf16le|base64: b")
    (tmp_path / "refused.yml").write_text(text, encoding="utf-8")
    (finding,) = check_rules([tmp_path])
    assert finding.severity is FindingSeverity.WARNING
    assert "other Sigma tools refuse it" in finding.message
    assert "utf16le" in finding.message
    assert finding.rule_id == "5013198b-7b5b-4c1e-8d3e-2f6a57b8f6aa"


def test_what_we_refuse_is_not_refused_a_second_time(tmp_path: Path) -> None:
    (tmp_path / "unknown.yml").write_text(RULE.replace("CONDITION", "selection or missing"), encoding="utf-8")
    assert [finding.severity for finding in check_rules([tmp_path])] == [FindingSeverity.ERROR]
