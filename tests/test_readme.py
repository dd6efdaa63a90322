"""What the READMEs tell people to write and to run is accepted by the product."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from fengsui.cli import app
from fengsui.settings import load_settings

READMES = ("README.md", "README.zh-CN.md")


@pytest.mark.parametrize("name", READMES)
def test_the_settings_shown_are_valid(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    text = (project / name).read_text(encoding="utf-8")
    [block] = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    file = tmp_path / "fengsui.toml"
    file.write_text(block, encoding="utf-8")
    monkeypatch.setenv("FENGSUI_SETTINGS", str(file))
    assert [source.name for source in load_settings().sources] == ["portal", "devices", "shippers", "border"]


@pytest.mark.parametrize("name", READMES)
def test_the_commands_and_options_shown_exist(project: Path, name: str) -> None:
    text = (project / name).read_text(encoding="utf-8")
    commands = re.findall(r"\.venv/bin/fengsui (\w+)([^\n#]*)", text)
    assert {command for command, _ in commands} >= {"normalize", "detect", "ingest", "search"}
    for command, rest in commands:
        shown = CliRunner().invoke(app, [command, "--help"]).output
        for option in re.findall(r"--[\w-]+", rest):
            assert option in shown, f"{command} has no {option}"
