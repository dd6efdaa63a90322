"""The same night in the console: each person sees the page that is theirs, in a real Chromium.

``FENGSUI_SCREENSHOTS`` names a folder for pictures of what they saw; those of the README are made so.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.fengsui.running import Running, until

NIGHT, RESOURCE, SYSTEM = "5d0f6c1e-7a2b-4e43-9c57-1f8e0b6a94d2", "medical.insured", "sys-exchange"
_FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
_PATIENCE_MS = 60_000


@pytest.fixture
def browser() -> Iterator[Browser]:
    executable = shutil.which("chromium")
    if executable is None:
        pytest.skip("no chromium on the PATH; install it to run the browser tests")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=executable, args=_FLAGS)
        yield started
        started.close()


@pytest.mark.browser
def test_each_person_sees_their_page_of_the_night(browser: Browser, started: Callable[..., Running]) -> None:
    up = started("--demo")
    client = up.sign_in("analyst")

    def waiting() -> tuple[str, str] | None:
        for alert in client.get("/api/v1/alerts", params={"limit": 200}).json()["alerts"]:
            if alert["rule_id"] == NIGHT and alert["entity"]["fengsui.data.resource"] == RESOURCE:
                runs = client.get("/api/v1/runs", params={"alert": alert["id"]}).json()["runs"]
                return (runs[0]["id"], runs[0]["incident_id"]) if runs and runs[0]["state"] == "waiting" else None
        return None

    run, incident = until(waiting)
    with signed_in(browser, up, "dataofficer") as page:
        approve(page, client.get(f"/api/v1/runs/{run}").json()["approvals"][0]["id"])
    until(lambda: client.get(f"/api/v1/runs/{run}").json()["ended"])
    with signed_in(browser, up, "analyst") as page:
        page.goto(f"/incidents/{incident}")
        expect(page.get_by_text("数据流动违规").first).to_be_visible()
        picture(page, "story-incident")
        page.goto(f"/runs/{run}")
        expect(page.get_by_text("已完成").first).to_be_visible()
    [notice] = client.get("/api/v1/notices", params={"incident": incident}).json()["notices"]
    with signed_in(browser, up, "unituser") as page:
        page.goto(f"/notices/{notice['id']}")
        expect(page.get_by_text("ctr-wb03").first).to_be_visible()
        picture(page, "story-notice")
    with signed_in(browser, up, "auditor") as page:
        assess(page, up)
    client.close()


def approve(page: Page, approval: str) -> None:
    page.goto(f"/approvals/{approval}")
    expect(page.get_by_text("G-2026-0063").first).to_be_visible()
    picture(page, "story-approval")
    page.get_by_role("button", name="批准").click()
    expect(page.get_by_text("已批准").first).to_be_visible()


def assess(page: Page, up: Running) -> None:
    with closing(up.sign_in("auditor")) as client:
        place = f"/api/v1/systems/{SYSTEM}/assessments"
        made = client.post(place).json()["id"]
        until(lambda: client.get(f"{place}/{made}").json()["state"] == "done")
    page.goto(f"/assessments/{SYSTEM}/{made}")
    expect(page.get_by_text("不符合").first).to_be_visible()
    picture(page, "story-assessment")


@contextmanager
def signed_in(browser: Browser, up: Running, name: str) -> Iterator[Page]:
    context = browser.new_context(
        base_url=up.address, viewport={"width": 1440, "height": 900}, timezone_id="Asia/Shanghai"
    )
    context.set_default_timeout(_PATIENCE_MS)
    expect.set_options(timeout=_PATIENCE_MS)
    page = context.new_page()
    page.goto("/")
    page.get_by_label("账号").fill(name)
    page.get_by_label("密码").fill(up.password_of(name))
    page.get_by_role("button", name="登录").click()
    page.wait_for_url(lambda url: "/login" not in url and "/sign-in" not in url)
    yield page
    context.close()


def picture(page: Page, name: str) -> None:
    if folder := os.environ.get("FENGSUI_SCREENSHOTS"):
        page.wait_for_timeout(800)
        page.screenshot(path=Path(folder) / f"{name}.png")
