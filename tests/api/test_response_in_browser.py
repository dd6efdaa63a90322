"""The way from an alert to a verified rectification, walked in a real Chromium by three people.

``FENGSUI_SCREENSHOTS`` names a folder for pictures of what the tests saw.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, Page, expect

from api.identity.accounts import NewAccount, create_user
from api.platform_facts import platform_facts
from audit import Actor
from audit.authorship import ChangedBy
from compliance import AssessmentSources, ComplianceWorker
from events import now_ms
from registry import UnitScope
from registry.entries import SystemEntry
from registry.registers import SYSTEMS, Editor, put
from tests.browsing import chromium, sit_down

if TYPE_CHECKING:
    from conftest import Site

pytestmark = pytest.mark.browser
_PASSWORD = "correct horse battery"
SETUP = Actor("system", "test", "test")
_PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


@pytest.fixture(scope="module")
def filled(filled: Path, tmp_path_factory: pytest.TempPathFactory, with_units: Callable[[Path, Path], Path]) -> Path:
    """The site with units and their people."""
    return with_units(filled, tmp_path_factory.mktemp("units") / "site")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture
def sit(browser: Browser, site: Site) -> Iterator[Callable[[str], Page]]:
    """Lets somebody sit down at a browser of their own; an error in its console fails the test."""
    contexts, complaints = [], []

    def open_for(name: str) -> Page:
        context = sit_down(browser, site.url)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto("/sign-in")
        page.get_by_label("账号").fill(name)
        page.get_by_label("密码").fill(_PASSWORD)
        page.get_by_role("button", name="登录").click()
        page.wait_for_load_state("load")
        return page

    yield open_for
    for context in contexts:
        context.close()
    assert complaints == []


def _picture(page: Page, name: str) -> None:
    if folder := os.environ.get("FENGSUI_SCREENSHOTS"):
        page.wait_for_timeout(250)
        page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)


def _opened_incident(page: Page, site: Site) -> str:
    page.goto(f"/alerts/{site.alert_ids[0]}")
    page.get_by_role("link", name="新建安全事件").click()
    page.locator("select[name=class]").select_option("data_security/data_misuse")
    page.locator("select[name=unit]").select_option("lh-gjj")
    page.get_by_role("button", name="新建安全事件").click()
    page.wait_for_url(re.compile(r"/incidents/\w{32}$"))
    return page.url


def test_from_an_alert_to_a_verified_rectification(site: Site, sit: Callable[[str], Page]) -> None:
    analyst = sit("analyst")
    incident = _opened_incident(analyst, site)
    expect(analyst.locator(".clock b").first).to_have_text(re.compile(r"^剩余 (\d+ 天 )?\d\d:\d\d:\d\d$"))
    analyst.get_by_role("button", name="由我负责").click()
    analyst.locator("form", has=analyst.locator("input[value=decide]")).locator("textarea").fill("涉及千人")
    analyst.get_by_role("button", name="认定级别").click()
    analyst.get_by_role("button", name="进入“信息通报”").click()
    expect(analyst.locator("#incident-state")).to_have_text("信息通报")
    analyst.goto("/incidents")
    expect(analyst.locator(".board-column").nth(1).locator(".board-card")).to_have_count(1)
    _picture(analyst, "incident-board")
    analyst.goto(incident)
    analyst.get_by_role("link", name="下发整改通知").click()
    analyst.locator("select[name=unit]").select_option("lh-gjj")
    analyst.get_by_label("标题").fill("收回越权账号")
    analyst.get_by_label("整改要求").fill("三日内收回越权账号并提交访问记录。")
    analyst.get_by_role("button", name="下发整改通知").click()
    notice = analyst.url

    housing = sit("housing")
    housing.goto("/notices")
    _picture(housing, "notices-of-the-unit")
    housing.get_by_role("link", name="收回越权账号").click()
    housing.get_by_role("button", name="签收").click()
    housing.get_by_label("整改情况").fill("账号已收回，附访问记录。")
    housing.get_by_label("证据文件").set_input_files(
        {"name": "访问记录.pdf", "mimeType": "application/pdf", "buffer": _PDF}
    )
    _picture(housing, "notice-to-answer")
    housing.get_by_role("button", name="提交整改反馈").click()
    expect(housing.locator("#notice-state")).to_contain_text("待复核")

    second = sit("second")
    second.goto(notice)
    second.get_by_role("button", name="复核通过").click()
    expect(second.locator("#notice-state")).to_contain_text("已通过")
    _picture(second, "notice-verified")
    second.goto(incident)
    _picture(second, "incident")
    second.goto("/performance?months=6")
    expect(second.locator("#rate")).to_have_text("100.0%")
    expect(second.locator(".line-chart canvas")).to_have_count(2)
    _picture(second, "performance")


def test_the_other_pages_in_english_and_dark(site: Site, sit: Callable[[str], Page]) -> None:
    analyst = sit("analyst")
    incident = _opened_incident(analyst, site)
    analyst.goto("/playbooks")
    analyst.get_by_role("link", name="受托方夜间越权读取的处置").click()
    analyst.locator("input[name='variable.__consumer__']").fill("c-1")
    analyst.locator("input[name='variable.__unit__']").fill("lh-gjj")
    analyst.get_by_role("button", name="试运行").click()
    expect(analyst.locator("#dry")).to_be_visible()
    _picture(analyst, "playbook-dry-run")
    analyst.get_by_role("button", name="启动").click()
    expect(analyst.locator("#run-state")).to_have_text("执行中")
    _picture(analyst, "run")
    analyst.get_by_role("button", name="English").click()
    analyst.get_by_role("button", name="System").click()
    for path, name in (
        (incident, "incident-dark-en"),
        ("/incidents", "board-dark-en"),
        ("/playbooks", "playbooks-dark-en"),
    ):
        analyst.goto(path)
        expect(analyst.locator("main h1")).to_be_visible()
        _picture(analyst, name)
    analyst.goto("/incidents")
    analyst.keyboard.press("j")
    analyst.keyboard.press("Enter")
    analyst.wait_for_url(incident)


def test_a_system_is_assessed_and_looked_into(site: Site, sit: Callable[[str], Page]) -> None:
    parties = dict.fromkeys(("operator_id", "owner_id", "supervisor_id"), "lh-gjj")
    entry = {"id": "sys-fund", "name": "公积金核心系统", "addresses": [], "level_s": 2, "level_a": 2, **parties}
    with site.records.begin() as session:
        put(
            session,
            SYSTEMS,
            SystemEntry.model_validate(entry),
            Editor(ChangedBy(SETUP, now_ms()), UnitScope.everything()),
        )
        create_user(session, NewAccount("keeper", _PASSWORD, ["security_administrator"]), SETUP)
    keeper = sit("keeper")
    keeper.goto("/assessments")
    keeper.get_by_role("link", name="公积金核心系统").click()
    keeper.get_by_role("button", name="发起自评").click()
    expect(keeper.locator(".work-queued")).to_have_count(1)
    ComplianceWorker(site.records, AssessmentSources(site.events, platform_facts(site.records))).work_off()
    expect(keeper.locator(".work-done")).to_have_count(1)
    keeper.locator("#assessments tbody a").click()
    expect(keeper.locator("a.item")).to_have_count(135)
    _picture(keeper, "assessment")
    keeper.locator("a.item").first.click()
    expect(keeper.locator("#judgment")).to_be_visible()
    _picture(keeper, "assessment-item")
