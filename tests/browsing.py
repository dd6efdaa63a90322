"""A real Chromium to sit down at, as patient as all else that is waited for."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, BrowserContext, expect, sync_playwright

from tests.patience import PATIENCE_SECONDS

_FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
_PATIENCE_MS = PATIENCE_SECONDS * 1000


@contextmanager
def chromium() -> Iterator[Browser]:
    """Chromium; the test is skipped where there is none."""
    executable = shutil.which("chromium")
    if executable is None:
        pytest.skip("no chromium on the PATH; install it to run the browser tests")
    expect.set_options(timeout=_PATIENCE_MS)
    with (
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=executable, args=_FLAGS, timeout=_PATIENCE_MS) as started,
    ):
        yield started


def sit_down(browser: Browser, address: str) -> BrowserContext:
    """A desk in the city, with cookies of its own."""
    context = browser.new_context(
        base_url=address, viewport={"width": 1440, "height": 900}, timezone_id="Asia/Shanghai"
    )
    context.set_default_timeout(_PATIENCE_MS)
    return context
