"""The guide to data flows is true: fields are typed, statuses are those of the registry, rules are there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from collectors.enrichment.flows.vocabulary import UNDETERMINED, Activity
from events import field_table
from fengsui.cli import app
from registry import GrantStatus


@pytest.fixture(scope="module")
def guide(project: Path) -> str:
    return (project / "docs" / "data-flows.md").read_text(encoding="utf-8")


def test_every_field_is_typed(guide: str) -> None:
    named = set(re.findall(r"`(fengsui\.[a-z_.]+)`", guide))
    assert len(named) >= 25
    assert named <= field_table().types.keys()


def test_statuses_and_activities_are_complete(guide: str) -> None:
    [status] = re.findall(r"^\| `fengsui\.grant\.status` \| (.*) \|$", guide, re.MULTILINE)
    assert set(re.findall(r"`([a-z_]+)`", status)) == {*(each.value for each in GrantStatus), UNDETERMINED}
    [activity] = re.findall(r"^\| `fengsui\.data\.activity` \| (.*) \|$", guide, re.MULTILINE)
    assert set(re.findall(r"`([a-z]+)`", activity)) == {each.value for each in Activity}


def test_rules_and_options_exist(guide: str, project: Path) -> None:
    for name in re.findall(r"`(flow_[a-z_]+)`", guide):
        assert (project / "detection" / "content" / "data_flow" / f"{name}.yml").is_file()
    shown = CliRunner(env={"COLUMNS": "200"}).invoke(app, ["detect", "--help"]).output
    assert "--registry" in re.sub(r"\x1b\[[0-9;]*m", "", shown)
