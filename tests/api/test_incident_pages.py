"""Incidents on their pages: opened from an alert, led by those who may, seen by those whose they are."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from api.identity.accounts import NewAccount, create_user
from audit import Actor

if TYPE_CHECKING:
    from conftest import Site

SignedIn = Callable[..., httpx.Client]
_PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


@pytest.fixture(scope="module")
def filled(filled: Path, tmp_path_factory: pytest.TempPathFactory, with_units: Callable[[Path, Path], Path]) -> Path:
    """The site with units and their people."""
    return with_units(filled, tmp_path_factory.mktemp("units") / "site")


@pytest.fixture
def analyst(sign_in: SignedIn) -> httpx.Client:
    """An analyst as a browser would be: with a token for forms instead of the header."""
    return _as_browser(sign_in("analyst"))


def _as_browser(client: httpx.Client) -> httpx.Client:
    token = client.headers.pop("X-CSRF-Token")
    client.form_token = token  # type: ignore[attr-defined]
    return client


def _send(client: httpx.Client, path: str, **fields: str) -> httpx.Response:
    return client.post(path, data={"csrf_token": client.form_token, **fields})  # type: ignore[attr-defined]


def _open(client: httpx.Client, **fields: str) -> str:
    form = {"title": "夜间越权调用", "class": "data_security/data_misuse", "unit": "lh-gjj", **fields}
    answer = _send(client, "/incidents/new", **form)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def test_an_alert_becomes_an_incident_that_is_led_through_its_steps(site: Site, analyst: httpx.Client) -> None:
    alert = site.alert_ids[0]
    form = analyst.get("/incidents/new", params={"alert": alert}).text
    assert 'value="Personal Data Taken Without Grant"' in form
    address = _open(analyst, alert=alert)
    page = analyst.get(address).text
    assert "公积金中心" in page
    assert f'href="/alerts/{alert}"' in page
    assert re.search(r'data-due="\d{13}"', page)
    assert address in analyst.get(f"/alerts/{alert}").text
    assert _send(analyst, address, action="assign", owner="analyst").status_code == 303
    assert _send(analyst, address, action="decide", level="3", reason="一万人").status_code == 303
    for step in ("notification", "coordination", "response", "tracing"):
        assert _send(analyst, address, action="advance", to=step).status_code == 303
    assert _send(analyst, address, action="close", conclusion="resolved", reason="完成").status_code == 303
    closed = analyst.get(address).text
    assert "处置完成" in closed
    assert "较大（Ⅲ级）" in closed
    assert address not in analyst.get("/incidents").text
    assert address in analyst.get("/incidents", params={"ended": "true"}).text


def test_what_is_refused_is_said_on_the_page_and_changes_nothing(analyst: httpx.Client) -> None:
    address = _open(analyst)
    refused = _send(analyst, address, action="advance", to="tracing", reason="x")
    assert (refused.status_code, "当前状态不允许" in refused.text) == (409, True)
    assert _send(analyst, address, action="decide", level="9", reason="x").status_code == 422
    assert _send(analyst, address, action="burn").status_code == 422
    assert _send(analyst, address, action="comment", text="").status_code == 422
    assert 'id="incident-state">事件分析' in analyst.get(address).text
    again = _send(analyst, "/incidents/new", title="", **{"class": "data_security"}, summary="已知情况")
    assert (again.status_code, "已知情况" in again.text) == (422, True)


def test_the_other_work_is_done_from_the_page(site: Site, analyst: httpx.Client) -> None:
    address = _open(analyst, alert=site.alert_ids[0])
    steps = (
        {"action": "comment", "text": "已联系<b>单位</b>"},
        {"action": "task", "title": "保全日志", "assignee": "zhang.wei", "due": "2099-01-01T09:00"},
        {"action": "report", "kind": "first", "addressee": "省委网信办"},
        {"action": "classify", "class": "data_security/data_leak", "reason": "已外泄"},
        {
            "action": "weigh",
            "importance": "important",
            "business_loss": "severe",
            "social_harm": "general",
            "persons": "10",
        },
        {"action": "pause", "clock": "rectify", "reason": "等待单位"},
        {"action": "unlink", "alert": site.alert_ids[0], "reason": "无关"},
    )
    for step in steps:
        answer = _send(analyst, address, **step)
        assert answer.status_code == 303, (step, answer.text[-600:])
    page = analyst.get(address).text
    for text in (
        "已联系&lt;b&gt;单位",
        "保全日志",
        "2099-01-01 09:00:00",
        "首次报告 → 省委网信办",
        "已暂停",
        "较大（Ⅲ级）",
    ):
        assert text in page, text
    assert "没有关联告警" in page
    other = _open(analyst, title="同一起")
    number = re.search(r"<h1>#(\d+)", page)
    assert number
    assert _send(analyst, other, action="merge", number=number[1], reason="同一起").status_code == 303
    assert address in analyst.get(other).text


def test_files_are_checked_and_kept(analyst: httpx.Client) -> None:
    address = _open(analyst)
    token = {"csrf_token": analyst.form_token}  # type: ignore[attr-defined]
    kept = analyst.post(f"{address}/attachments", data=token, files={"file": ("取证.pdf", _PDF)})
    assert kept.status_code == 303
    link = re.search(r'href="(/api/v1/incidents/[^"]+/attachments/\w+)"', analyst.get(address).text)
    assert link
    assert analyst.get(link[1]).content == _PDF
    refused = analyst.post(f"{address}/attachments", data=token, files={"file": ("a.pdf", b"<html>")})
    assert (refused.status_code, "附件不予接收" in refused.text) == (422, True)
    assert analyst.post(f"{address}/attachments", data={**token, "file": ""}).status_code == 422
    assert analyst.post(f"{address}/attachments", files={"file": ("a.pdf", _PDF)}).status_code == 403


def test_only_those_who_may_lead_are_offered_to(analyst: httpx.Client, sign_in: SignedIn) -> None:
    address = _open(analyst)
    auditor = _as_browser(sign_in("auditor"))
    page = auditor.get(address)
    assert page.status_code == 200
    assert f'action="{address}"' not in page.text
    assert _send(auditor, address, action="comment", text="x").status_code == 403
    assert auditor.get("/incidents/new").status_code == 403
    assert sign_in("housing").get("/incidents").status_code == 403
    assert analyst.post(address, data={"action": "comment", "text": "x"}).status_code == 403


def test_nobody_sees_another_units_incidents(site: Site, analyst: httpx.Client, sign_in: SignedIn) -> None:
    address = _open(analyst)
    assert sign_in("second").get(address).status_code == 200
    assert analyst.get("/incidents/nothing").status_code == 404
    with site.records.begin() as session:
        account = NewAccount("nearby", "correct horse battery", ["unit_user"], units=["lh-gaj"])
        create_user(session, account, Actor("system", "test", "test"))
    assert sign_in("nearby").get(address).status_code == 403


def test_the_board_narrows(analyst: httpx.Client) -> None:
    first, second = _open(analyst, title="甲"), _open(analyst, title="乙")
    assert _send(analyst, second, action="assign", owner="analyst").status_code == 303
    board = analyst.get("/incidents").text
    assert {first, second} <= set(re.findall(r'href="(/incidents/\w{32})"', board))
    mine = analyst.get("/incidents", params={"mine": "true"}).text
    assert (first in mine, second in mine) == (False, True)
    named = analyst.get("/incidents", params={"text": "甲", "level": ["4", ""]}).text
    assert (first in named, second in named) == (True, False)
    assert analyst.get("/incidents", params={"level": "9"}).status_code == 422
