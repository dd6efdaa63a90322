"""The data half's pages in a real Chromium, with no script error and no policy violation.

``FENGSUI_SCREENSHOTS`` names a folder for pictures of what the tests saw.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import ConsoleMessage, Page, expect

from tests.browsing import chromium, sit_down

if TYPE_CHECKING:
    from conftest import City, Site

pytestmark = pytest.mark.browser
_PASSWORD = "correct horse battery"


@pytest.fixture
def page(site: Site) -> Iterator[Page]:
    """A page, signed in as a data administrator, that fails its test when the browser's console shows an error."""
    complaints: list[str] = []
    with chromium() as browser:
        opened = sit_down(browser, site.url).new_page()
        opened.on("console", lambda message: complaints.append(message.text) if _is_error(message) else None)
        opened.on("pageerror", lambda error: complaints.append(str(error)))
        opened.goto("/")
        opened.get_by_label("账号").fill("officer")
        opened.get_by_label("密码").fill(_PASSWORD)
        opened.get_by_role("button", name="登录").click()
        opened.wait_for_url("**/alerts")
        yield opened
    assert complaints == []


def _is_error(message: ConsoleMessage) -> bool:
    """Whether a message tells of an error; that a form was refused, as the tests meant it to be, is none."""
    return message.type == "error" and "422 (Unprocessable Entity)" not in message.text


def _picture(page: Page, name: str) -> None:
    if folder := os.environ.get("FENGSUI_SCREENSHOTS"):
        page.wait_for_timeout(300)
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def test_the_data_half_is_walked_through_in_both_languages_and_themes(page: Page, data_city: City) -> None:
    paths = {
        "flows": "/flows",
        "catalog": "/catalog?limit=12",
        "resource": f"/catalog/{data_city.table}",
        "called": "/catalog/population.resident",
        "review": "/review?state=suggested&state=confirmed&state=rejected",
        "finding": f"/review/{data_city.findings['name:person_name']}",
        "grants": "/grants?limit=12",
        "grant": f"/grants/{data_city.grant_id}",
        "alert": f"/alerts/{data_city.alert_id}",
        "scans": "/scans",
        "classify": "/classify",
        "units": "/units",
        "unit": "/units/lh-gaj",
        "systems": "/systems",
        "consumers": "/consumers?limit=12",
        "consumer": "/consumers/con-gjj",
        "system-form": "/registry/systems/sys-exchange/edit",
        "resource-form": f"/registry/resources/{data_city.table}/edit",
        "grant-form": "/grants/new?resource=population.resident",
    }
    for language in ("zh", "en-dark"):
        for name, path in paths.items():
            page.goto(path)
            expect(page.locator("main h1").first).to_be_visible()
            if name == "flows":
                expect(page.locator(".flow-map canvas")).to_be_visible()
            _picture(page, f"data-{name}-{language}")
        if language == "zh":
            page.get_by_role("button", name="English").click()
            expect(page.locator("html[lang=en]")).to_have_count(1)
            page.get_by_role("button", name="System").click()
            expect(page.locator("html[data-theme=dark]")).to_have_count(1)


def test_findings_are_decided_by_keyboard(page: Page) -> None:
    page.goto("/review")
    page.locator("tr[data-row]").first.wait_for()
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.keyboard.press("c")
    expect(page.locator("#reject-dialog")).to_be_visible()
    page.locator("#reject-dialog select").select_option("context")
    page.locator("#reject-dialog button[value=reject]").click()
    expect(page.get_by_role("status").first).to_contain_text(re.compile("已决定 1 项"))


def test_the_catalog_is_narrowed_in_place(page: Page) -> None:
    page.goto("/catalog")
    page.get_by_label("类别").select_option("resident_id")
    page.wait_for_url(re.compile(r"/catalog\?category=resident_id$"))
    page.locator("#text").fill("population.resident")
    expect(page.locator("tr[data-row]")).to_have_count(2)


def test_a_grant_is_requested_by_keyboard_and_errors_stand_beside_their_fields(page: Page) -> None:
    page.goto("/grants/new?resource=population.resident")
    page.locator("#purpose").press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("请更正")
    expect(page.locator("#consumer_id-error")).to_contain_text("必填")
    _picture(page, "data-grant-refused-zh")
    page.get_by_role("alert").get_by_role("link", name="使用方编号").press("Enter")
    page.locator("#consumer_id").press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.insert_text("贷款核验")
    page.locator("#fields input").first.press("Space")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").first).to_contain_text("申请已提交")
    expect(page.locator("h1")).to_contain_text("贷款核验")
