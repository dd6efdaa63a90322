"""The guide to rules is true: its rule loads, its expectations are some, its commands and options exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from detection import load_rules
from detection.backtest import Expectations
from detection.check import check_rules
from fengsui.cli import app


@pytest.fixture(scope="module")
def guide(project: Path) -> str:
    return (project / "docs" / "rules.md").read_text(encoding="utf-8")


def _blocks(guide: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", guide, re.MULTILINE | re.DOTALL)


def test_the_rule_is_clean_and_the_expectations_are_of_it(guide: str, tmp_path: Path) -> None:
    rule, correlation, expectations = _blocks(guide, "yaml")
    (tmp_path / "web_server_shell.yml").write_text(f"{rule}---\n{correlation}", encoding="utf-8")
    assert check_rules([tmp_path]) == []
    assert [each.title for each in load_rules([tmp_path]).correlations] == [yaml.safe_load(correlation)["title"]]
    expected = Expectations.model_validate(yaml.safe_load(expectations))
    assert list(expected.root) == [yaml.safe_load(rule)["id"]]


def test_every_command_and_option_exists(guide: str) -> None:
    runner = CliRunner(env={"COLUMNS": "200"})
    commands = re.findall(r"fengsui (rules \w+|search)([^\n|]*)", "\n".join(_blocks(guide, "sh")))
    assert len(commands) >= 7
    for command, arguments in commands:
        shown = runner.invoke(app, [*command.split(), "--help"])
        assert shown.exit_code == 0, command
        for option in re.findall(r"--[a-z-]+", arguments):
            assert option in shown.output, (command, option)


def test_every_policy_named_is_there(guide: str, project: Path) -> None:
    named = set(re.findall(r"`(policies/[^`]+\.yml)`", guide))
    assert len(named) >= 4
    assert [name for name in named if not (project / name).is_file()] == []
