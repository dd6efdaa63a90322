"""The units of a single machine: systemd reads them, and finds little that they could harm."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from fengsui.settings import Settings

MOST_EXPOSED = 20
"""Tenths of systemd's exposure level, which goes from 0 (safe) to 10."""


@pytest.fixture
def units(project: Path, tmp_path: Path) -> list[Path]:
    """The units as if installed here: systemd looks whether program and user are there."""
    made = []
    for unit in sorted((project / "deploy" / "systemd").iterdir()):
        text = unit.read_text(encoding="utf-8").replace("/opt/fengsui/bin/fengsui", "/bin/true")
        made.append(tmp_path / unit.name)
        made[-1].write_text(re.sub(r"^(User|Group)=fengsui$", r"\1=daemon", text, flags=re.MULTILINE), encoding="utf-8")
    return made


def test_systemd_accepts_every_unit_and_finds_the_services_hardened(units: list[Path]) -> None:
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("no systemd-analyze; install systemd to check the units")
    done = subprocess.run([analyze, "verify", *units], capture_output=True, text=True, check=False)
    told = [line for line in done.stderr.splitlines() if any(unit.name in line for unit in units)]
    assert (done.returncode, told) == (0, [])
    for unit in units:
        if unit.suffix == ".service":
            command = [analyze, "security", "--offline=true", f"--threshold={MOST_EXPOSED}", unit]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stdout


def test_what_the_units_pass_are_settings(project: Path) -> None:
    text = (project / "deploy/systemd/fengsui.service").read_text(encoding="utf-8")
    names = [name.lower() for name in re.findall(r"^Environment=FENGSUI_(\w+)=", text, re.MULTILINE)]
    assert len(names) == 3
    for name in names:
        section, _, inner = name.partition("__")
        assert section == "settings" or section in Settings.model_fields, name
        assert not inner or inner in type(Settings().monitoring).model_fields, name
