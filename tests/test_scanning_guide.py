"""The guide to scanning is true: its files, addresses, scopes, options and settings exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from api.identity.policy import role_policy
from api.routes import scans
from classification.scans.locations import check_password_from
from classification.sources import SamplingMethod, scan_policy
from fengsui.settings import ClassificationSettings
from tests.addresses import addresses_of


@pytest.fixture(scope="module")
def guide(project: Path) -> str:
    return (project / "docs" / "scanning.md").read_text(encoding="utf-8")


def test_the_files_it_names_exist(guide: str, project: Path) -> None:
    named = {
        *re.findall(r"policies/[\w/]+\.yml", guide),
        *(f"docs/{name}" for name in re.findall(r"\((\w+\.md)\)", guide)),
    }
    assert len(named) == 2
    assert [name for name in named if not (project / name).is_file()] == []


def test_the_scopes_and_addresses_exist(guide: str) -> None:
    named = set(re.findall(r"`(classification:\w+)`", guide))
    assert len(named) == 2
    assert named <= role_policy().scopes.keys()
    routes = addresses_of(scans.router)
    assert set(re.findall(r"/api/v1/[\w/{}-]+", guide)) <= routes
    assert all(any(path.endswith(f":{verb}") for path in routes) for verb in ("cancel", "resume"))


def test_the_options_and_settings_exist(guide: str) -> None:
    assert all(f"`{method}`" in guide for method in SamplingMethod)
    assert {"lease_seconds", "rescan_on_new_detectors"} <= scan_policy().work.model_dump().keys()
    assert "folders" in ClassificationSettings.model_fields
    check_password_from("file:civil.txt")
    assert '"password_from": "file:civil.txt"' in guide
