"""People at the console of a running installation, in a real Chromium.

``FENGSUI_SCREENSHOTS`` names a folder for pictures of what they saw; those of the README are made so.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page
from playwright.sync_api import TimeoutError as WaitedTooLong

from tests.browsing import sit_down
from tests.fengsui.running import Running


@contextmanager
def signed_in(browser: Browser, up: Running, name: str) -> Iterator[Page]:
    context = sit_down(browser, up.address)
    page = context.new_page()
    page.goto("/")
    page.get_by_label("账号").fill(name)
    page.get_by_label("密码").fill(up.password_of(name))
    page.get_by_role("button", name="登录").click()
    page.wait_for_url(lambda url: "/login" not in url and "/sign-in" not in url)
    yield page
    context.close()


def shows(page: Page, address: str, text: str, picture: str = "") -> bool:
    """Whether a page, when it is opened, comes to show a text."""
    page.goto(address)
    try:
        page.get_by_text(text).first.wait_for()
    except WaitedTooLong:
        return False
    if picture and (folder := os.environ.get("FENGSUI_SCREENSHOTS")):
        page.wait_for_timeout(800)
        page.screenshot(path=Path(folder) / f"{picture}.png")
    return True
