"""A part of a page that can't be fetched, in a real Chromium: told in place, in the reader's language, then mended."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from api.console.translation import LANGUAGE_COOKIE
from store.embedded import EmbeddedEventStore
from store.errors import StoreError
from tests.browsing import chromium, sit_down

if TYPE_CHECKING:
    from conftest import SignedIn, Site

pytestmark = pytest.mark.browser


def test_what_could_not_be_fetched_is_told_in_place(
    site: Site, sign_in: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    cookies = [{"name": each.name, "value": str(each.value), "url": site.url} for each in sign_in("admin").cookies.jar]
    with chromium() as browser:
        context = sit_down(browser, site.url)
        context.add_cookies(cookies)
        page = context.new_page()
        told, event = page.locator("[data-failure]"), page.locator(".event").first
        page.goto("/search")
        with monkeypatch.context() as broken:

            def fail(*_arguments: object) -> None:
                raise StoreError("no node answers; see whether the cluster is up")

            broken.setattr(EmbeddedEventStore, "get", fail)
            event.locator("summary").click()
            expect(told).to_contain_text("日志存储暂时不可用")
            expect(told).to_contain_text("no node answers")
        told.get_by_role("button", name="重试").click()
        expect(event.locator(".event-body .fields")).to_be_visible()
        expect(told).to_have_count(0)

        page.goto("/alerts")
        rows = page.locator("tr[data-row]")
        context.set_offline(True)
        page.get_by_label("排序").select_option("last_seen")
        expect(told).to_contain_text("连接不上服务器")
        expect(rows).to_have_count(4)
        context.set_offline(False)
        told.get_by_role("button", name="重试").click()
        page.wait_for_url("**/alerts?sort=last_seen&*")

        context.clear_cookies()
        context.add_cookies([{"name": LANGUAGE_COOKIE, "value": "en", "url": site.url}])
        page.get_by_label("排序").select_option("severity")
        expect(told).to_contain_text("会话已结束")
        expect(rows).to_have_count(4)
        told.get_by_role("link", name="登录").click()
        page.wait_for_url(re.compile(r"/sign-in\?next=%2Falerts"))
        context.close()
