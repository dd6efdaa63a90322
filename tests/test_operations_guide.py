"""The guide to operations names what is there, and its tables are those that are made."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from collectors.delivery import DeliverySettings
from fengsui.cli import _COMMANDS
from fengsui.settings import load_settings

_DECLARED = re.compile(r'"(fengsui_[a-z_]+)"')
_NAMED = re.compile(r"\bfengsui_[a-z_]+[a-z]")


@pytest.fixture
def guide(project: Path) -> str:
    return (project / "docs/operations.md").read_text(encoding="utf-8")


@pytest.fixture
def figures(project: Path) -> set[str]:
    """The names of all figures, counters without their ending."""
    sources = [*(project / "fengsui/monitoring").glob("*.py"), project / "api/request_figures.py"]
    found = {name for path in sources for name in _DECLARED.findall(path.read_text(encoding="utf-8"))}
    return found | {"fengsui_delivery_queue_records", "fengsui_delivery_queue_bytes"}


def test_both_tables_are_those_that_the_calculation_prints(guide: str, project: Path) -> None:
    command = [sys.executable, str(project / "benchmarks/sizing.py")]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    by_rate, province = printed.strip().split("\n\n")
    assert by_rate in guide
    assert province in guide


def test_every_figure_is_told_and_every_one_told_exists(guide: str, figures: set[str]) -> None:
    told = {name.removesuffix("_total") for name in _NAMED.findall(guide.split("## Monitoring")[1])}
    assert figures - told == set()
    assert told - figures <= {"fengsui_transport_lag_messages"}


def test_the_alert_rules_ask_for_figures_that_exist(project: Path, figures: set[str]) -> None:
    rules = yaml.safe_load((project / "deploy/monitoring/fengsui-rules.yml").read_text(encoding="utf-8"))
    asked = {name for rule in rules["groups"][0]["rules"] for name in _NAMED.findall(rule["expr"])}
    assert len(asked) > 10
    assert {name.removesuffix("_total") for name in asked} <= figures


def test_settings_commands_and_files_are_there(
    guide: str, project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FENGSUI_SETTINGS", str(tmp_path / "fengsui.toml"))
    shown = []
    for toml in re.findall(r"```toml\n(.*?)```", guide, re.DOTALL):
        (tmp_path / "fengsui.toml").write_text(toml, encoding="utf-8")
        shown.append(load_settings())
    small, settings, tracing = shown
    assert small.delivery.group_records < DeliverySettings().group_records
    assert small.delivery.queue_bytes < DeliverySettings().queue_bytes
    assert tracing.monitoring.tracing_endpoint is not None
    assert settings.backup.repository == "fengsui"
    assert settings.store is not None
    commands = set(re.findall(r"\bfengsui ([a-z-]+)", re.sub(r"docker compose exec \w+ ", "", guide)))
    assert {"backup", "restore", "doctor", "audit", "accounts", "store"} <= commands & set(_COMMANDS)
    for path in re.findall(r"\b(?:deploy|benchmarks|policies)/[\w./-]+\w", guide):
        if not path.endswith(("backup-passphrase", "metrics-key")):  # the site's own
            assert (project / path).exists(), path
