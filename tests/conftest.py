"""Fixtures that every part's tests share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# No test depends on the machine's speed, so an example may take its time; timeout in pyproject.toml ends a hanging one.
settings.register_profile("any-machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any-machine")

pytest_plugins = ["tests.servers.plugin", "tests.servers.records"]

_PROJECT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def project() -> Path:
    """The project's root folder."""
    return _PROJECT


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Recorded data that nobody in the project wrote; tests that need it are skipped where it is absent."""
    folder = Path(os.environ.get("FENGSUI_SHARED_DATA", _PROJECT / "../shared/data")).resolve()
    if not folder.is_dir():
        pytest.skip(f"no recorded data at {folder}; set FENGSUI_SHARED_DATA to its folder")
    return folder
