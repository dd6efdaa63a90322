"""Fixtures that every part's tests share."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# A run depends neither on the machine's speed (timeout in pyproject.toml ends an example that hangs) nor on chance: the
# examples are the same every time. `pytest --hypothesis-profile exploring` tries others.
_MEANT = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture]
settings.register_profile("exploring", deadline=None, suppress_health_check=_MEANT)
settings.register_profile("same-everywhere", settings.get_profile("exploring"), derandomize=True)
settings.load_profile("same-everywhere")

pytest_plugins = ["tests.servers.plugin", "tests.servers.records"]

_PROJECT = Path(__file__).resolve().parent.parent


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """Collect without looking for garbage: what is imported stays to the end, and is left out of every later look."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


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
