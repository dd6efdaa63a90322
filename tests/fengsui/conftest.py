"""The command line as its user runs it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browsing import chromium
from tests.fengsui.command_line import Ran, run_fengsui
from tests.fengsui.running import Running, start_up
from tests.patience import PATIENCE_SECONDS

Fengsui = Callable[..., Ran]


@pytest.fixture
def fengsui(tmp_path: Path) -> Fengsui:
    """Runs ``fengsui`` in a folder of its own, with its data there."""

    def run(*arguments: str | Path, **environment: str) -> Ran:
        return run_fengsui(tmp_path, arguments, {"TZ": "UTC", **environment})

    return run


@pytest.fixture(scope="session")
def city(project: Path) -> Path:
    return project / "samples" / "city"


@pytest.fixture
def started(tmp_path: Path) -> Iterator[Callable[..., Running]]:
    """Starts ``fengsui up`` with options, and ends it after the test."""
    running: list[Running] = []

    def start(*options: str, **environment: str) -> Running:
        running.append(start_up(tmp_path, *options, **environment))
        return running[-1]

    yield start
    for each in running:
        if each.process.poll() is None:
            each.process.terminate()
            each.process.wait(PATIENCE_SECONDS)


@pytest.fixture
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started
