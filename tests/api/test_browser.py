"""The console in a real Chromium: signed in, worked by keyboard, with no script error and no policy violation.

``FENGSUI_SCREENSHOTS`` names a folder for pictures of what the tests saw.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browsing import chromium, sit_down

if TYPE_CHECKING:
    from conftest import Site

SignedIn = Callable[..., httpx.Client]
pytestmark = pytest.mark.browser
_PASSWORD = "correct horse battery"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture
def page(browser: Browser, site: Site) -> Iterator[Page]:
    """A page that fails its test when the browser's console shows an error."""
    context = sit_down(browser, site.url)
    opened, complaints = context.new_page(), []
    opened.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    yield opened
    context.close()
    assert [text for text in complaints if "400 (Bad Request)" not in text and "401" not in text] == []


def _sign_in(page: Page, name: str = "admin") -> None:
    page.goto("/")
    page.get_by_label("账号").fill(name)
    page.get_by_label("密码").fill(_PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.wait_for_url("**/alerts")


def _picture(page: Page, name: str) -> None:
    if folder := os.environ.get("FENGSUI_SCREENSHOTS"):
        page.wait_for_timeout(400)
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def test_a_wrong_password_is_refused_and_the_right_one_leads_on(page: Page) -> None:
    page.goto("/search?q=user.name%3Aroot")
    page.get_by_label("账号").fill("analyst")
    page.get_by_label("密码").fill("not the password")
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_role("alert")).to_contain_text("不正确")
    _picture(page, "sign-in")
    page.get_by_label("密码").fill(_PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.wait_for_url("**/search?q=user.name%3Aroot")


def test_the_queue_is_worked_by_keyboard(page: Page) -> None:
    _sign_in(page)
    expect(page.locator("tr[data-row]")).to_have_count(4)
    expect(page.locator(".chart canvas")).to_be_visible()
    expect(page.locator("#live")).to_have_text("实时")
    _picture(page, "queue")
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(page.locator("[data-selected]")).to_have_text("2")
    _picture(page, "queue-selected")
    page.keyboard.press("a")
    expect(page.get_by_role("status").first).to_contain_text("2 条")
    expect(page.locator(".state-acknowledged")).to_have_count(2)
    expect(page.locator("#live")).to_have_text("实时")
    page.keyboard.press("j")
    expect(page.locator("tr[data-row]:focus")).to_have_count(1)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/alerts/[0-9a-f]{32}$"))


def test_an_alert_is_read_and_closed(page: Page, site: Site) -> None:
    _sign_in(page)
    page.goto(f"/alerts/{site.alert_ids[1]}")
    expect(page.locator("mark")).to_contain_text("powershell.exe -enc")
    page.locator(".event summary").first.click()
    expect(page.locator(".event-body .matched")).to_contain_text("process.command_line")
    _picture(page, "alert")
    page.keyboard.press("c")
    expect(page.locator("#close-dialog")).to_be_visible()
    page.get_by_text("误报（规则判断有误）").click()
    page.locator("#close-dialog textarea").fill("软件分发任务")
    _picture(page, "alert-close")
    page.locator("#close-dialog button[value=close]").click()
    expect(page.locator(".history")).to_contain_text("软件分发任务")
    expect(page.locator(".alert-head .state-closed")).to_be_visible()


def test_one_click_leads_from_the_alert_to_just_its_events(page: Page, site: Site) -> None:
    _sign_in(page)
    page.goto(f"/alerts/{site.alert_ids[-1]}")
    page.get_by_role("link", name="在检索中打开此范围").click()
    expect(page.locator(".queue-head .total b")).to_have_text("60")
    expect(page.locator(".chart canvas")).to_be_visible()


def test_the_way_back_keeps_the_filter_and_alerts_follow_each_other(page: Page) -> None:
    _sign_in(page)
    page.goto("/alerts?sort=last_seen")
    rows = [row.get_attribute("data-href") for row in page.locator("tr[data-row]").all()]
    page.locator("tr[data-row] a.title").nth(1).click()
    expect(page.locator("[data-place]")).to_have_text(f"2 / {len(rows)}")
    page.wait_for_load_state()  # what reads keys comes after what walks
    page.keyboard.press("n")
    page.wait_for_url(f"**{rows[2]}")
    page.keyboard.press("u")
    page.wait_for_url("**/alerts?sort=last_seen")
    expect(page.locator("tr[data-row]:focus")).to_have_attribute("data-href", str(rows[2]))


def test_what_was_typed_outlives_the_session(page: Page, site: Site) -> None:
    _sign_in(page)
    page.goto(f"/alerts/{site.alert_ids[0]}")
    page.locator("#comment").fill("已联系值班室")
    page.context.clear_cookies()
    page.get_by_role("button", name="添加说明").click()
    page.get_by_label("账号").fill("admin")
    page.get_by_label("密码").fill(_PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.wait_for_url(f"**/alerts/{site.alert_ids[0]}")
    expect(page.get_by_role("status").first).to_contain_text("已恢复")
    expect(page.locator("#comment")).to_have_value("已联系值班室")
    page.get_by_role("button", name="添加说明").click()
    expect(page.locator(".history")).to_contain_text("已联系值班室")
    expect(page.locator("#comment")).to_have_value("")


def test_a_telephone_shows_pages_in_its_width(page: Page, site: Site) -> None:
    _sign_in(page)
    page.set_viewport_size({"width": 390, "height": 844})
    for path in ("/alerts", f"/alerts/{site.alert_ids[0]}", "/search", "/rules", "/coverage"):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") == 390, path
        expect(page.locator(".shell nav a").last).to_be_in_viewport()


def test_logs_are_searched_and_narrowed(page: Page) -> None:
    _sign_in(page)
    page.goto("/search")
    expect(page.locator(".queue-head .total b")).to_have_text("137")
    _picture(page, "search")
    page.locator(".facets a.value", has_text="nginx.access").click()
    expect(page.locator(".queue-head .total b")).to_have_text("70")
    page.locator(".event summary").first.click()
    page.get_by_label("排除此值: source.ip").click()
    expect(page.locator(".queue-head .total b")).to_have_text("69")
    expect(page.locator("#q")).to_have_value(
        re.compile(r'event\.dataset:"nginx\.access" AND NOT source\.ip:"192\.0\.2\.\d+"')
    )
    page.locator("#q").fill("host.name:(web-1 OR")
    page.keyboard.press("Enter")
    expect(page.locator("#query-error")).to_be_visible()
    _picture(page, "search-error")


def test_a_change_by_somebody_else_appears_by_itself(page: Page, site: Site, sign_in: SignedIn) -> None:
    _sign_in(page)
    expect(page.locator("#live")).to_have_text("实时")
    page.wait_for_timeout(500)
    sign_in("analyst").post(f"/api/v1/alerts/{site.alert_ids[0]}:acknowledge", json={})
    expect(page.locator(".state-acknowledged")).to_have_count(1)
    expect(page.locator("#open-count")).to_have_text("3")


def test_language_theme_and_the_other_pages(page: Page) -> None:
    _sign_in(page)
    for path in ("/sources", "/rules", "/api-keys", "/dead-letters"):
        page.goto(path)
        expect(page.locator("main h1")).to_be_visible()
        _picture(page, path.strip("/"))
    page.locator("tr[data-row]").first.click()
    expect(page.locator("pre.hex")).to_be_visible()
    _picture(page, "dead-letter")
    page.get_by_role("button", name="English").click()
    expect(page.locator(".shell nav")).to_contain_text("Administration")
    expect(page.locator(".subnav")).to_contain_text("Dead letters")
    page.get_by_role("button", name="System").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.goto("/alerts")
    _picture(page, "queue-dark-en")
    page.goto("/search")
    _picture(page, "search-dark-en")
    page.keyboard.press("?")
    expect(page.locator("#shortcuts")).to_be_visible()
    _picture(page, "shortcuts")


def test_noise_becomes_an_exception_that_was_tried_first(page: Page, site: Site) -> None:
    _sign_in(page)
    page.goto(f"/alerts/{site.alert_ids[1]}")
    page.get_by_role("link", name="加入例外").click()
    expect(page.get_by_role("button", name="保存并生效")).to_have_count(0)
    page.get_by_label("使用字段 process.command_line").uncheck()
    page.get_by_label("使用字段 user.name").uncheck()
    page.get_by_role("button", name="回测", exact=True).click()
    expect(page.locator("#removed")).to_have_text("3")
    _picture(page, "exception-tried")
    page.get_by_role("button", name="保存并生效").click()
    page.get_by_label("理由").fill("软件分发任务，已核实")
    page.get_by_role("button", name="保存并生效").click()
    page.wait_for_url(re.compile(r"/exceptions/[0-9a-f-]{36}$"))
    expect(page.locator(".alert-head .state")).to_have_text("生效")
    expect(page.locator("#withheld")).to_have_text("0")
    expect(page.locator("pre.raw")).to_contain_text("host.name: win-")
    _picture(page, "exception")
    page.goto("/exceptions")
    expect(page.locator("table.grid tbody tr")).to_have_count(1)
    _picture(page, "exceptions")


def test_an_alert_is_silenced_and_a_rule_put_on_trial(page: Page, site: Site) -> None:
    _sign_in(page)
    page.goto(f"/alerts/{site.alert_ids[1]}")
    page.get_by_role("link", name="设置静默").click()
    expect(page.locator("textarea[name=entities]")).to_have_value(re.compile(r"host\.name=win-"))
    ends = page.evaluate("new Date(Date.now() + 36e5 * 9).toISOString().slice(0, 16)")
    page.locator("input[name=ends]").fill(ends)
    page.locator("textarea[name=reason]").fill("例行维护")
    page.get_by_role("button", name="设置静默").click()
    expect(page.get_by_role("status").first).to_contain_text("静默已设置")
    _picture(page, "silences")
    page.get_by_role("button", name="立即结束").click()
    expect(page.get_by_role("status").first).to_contain_text("静默已结束")
    page.goto("/rules")
    page.get_by_role("link", name="Encoded PowerShell Command Line").click()
    page.locator("label", has_text="试运行").click()
    page.locator("textarea[name=reason]").fill("误报较多")
    page.get_by_role("button", name="切换", exact=True).click()
    expect(page.locator("#rule-state")).to_have_text("试运行")
    _picture(page, "rule")
    page.goto("/rules?state=test")
    expect(page.locator("table.grid tbody tr")).to_have_count(1)
    _picture(page, "rules-on-trial")
