"""The command line as its user runs it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.fengsui.running import Running, start_up

_CHROMIUM_FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]


@dataclass(frozen=True)
class Ran:
    status: int
    out: str
    err: str

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.splitlines()]


Fengsui = Callable[..., Ran]


@pytest.fixture
def fengsui(tmp_path: Path) -> Fengsui:
    """Runs ``fengsui`` in a folder of its own, with its data there."""

    def run(*arguments: str | Path, **environment: str) -> Ran:
        done = subprocess.run(
            [sys.executable, "-m", "fengsui", *map(str, arguments)],
            cwd=tmp_path,
            env={**os.environ, "TZ": "UTC", **environment},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        return Ran(done.returncode, done.stdout, done.stderr)

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
            each.process.wait(60)


@pytest.fixture
def browser() -> Iterator[Browser]:
    executable = shutil.which("chromium")
    if executable is None:
        pytest.skip("no chromium on the PATH; install it to run the browser tests")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=executable, args=_CHROMIUM_FLAGS)
        yield started
        started.close()
