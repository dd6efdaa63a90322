"""What the guide to the transport shows is accepted by the product."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from collectors.transport import KafkaSettings
from fengsui.cli import app
from fengsui.monitoring.settings import MonitoringSettings
from fengsui.settings import load_settings


def test_the_settings_shown_are_valid(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = (project / "docs" / "transport.md").read_text(encoding="utf-8")
    [block] = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    (tmp_path / "fengsui.toml").write_text(block, encoding="utf-8")
    (tmp_path / "kafka.password").write_text("s3cr3t\n", encoding="ascii")
    monkeypatch.chdir(tmp_path)
    kafka = load_settings().kafka
    assert kafka is not None
    assert (kafka.records_topic, kafka.matches_topic) == ("fengsui.records", "fengsui.matches")
    told = kafka.client()
    assert (told["security.protocol"], told["sasl.mechanism"]) == ("sasl_ssl", "SCRAM-SHA-512")
    assert told["sasl.password"] == "s3cr3t"
    assert "s3cr3t" not in repr(kafka)
    named = set(re.findall(r"`(prefix|detection_port)`", text))
    assert named <= {*KafkaSettings.model_fields, *MonitoringSettings.model_fields}


def test_the_commands_shown_exist(project: Path) -> None:
    text = (project / "docs" / "transport.md").read_text(encoding="utf-8")
    commands = set(re.findall(r"`fengsui ([a-z-]+)`", text))
    assert commands == {"collect", "detection-worker", "doctor"}
    for command in commands:
        assert CliRunner().invoke(app, [command, "--help"]).exit_code == 0
