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
from tests.api.person import Person

if TYPE_CHECKING:
    from conftest import Site

SignedIn = Callable[..., httpx.Client]
_PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


@pytest.fixture(scope="module")
def filled(filled: Path, tmp_path_factory: pytest.TempPathFactory, with_units: Callable[[Path, Path], Path]) -> Path:
    """The site with units and their people."""
    return with_units(filled, tmp_path_factory.mktemp("units") / "site")


@pytest.fixture
def analyst(sign_in: SignedIn) -> Person:
    return Person(sign_in("analyst"))


def _open(by: Person, **fields: str) -> str:
    form = {"title": "夜间越权调用", "class": "data_security/data_misuse", "unit": "lh-gjj", **fields}
    answer = by.send("/incidents/new", **form)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def test_an_alert_becomes_an_incident_that_is_led_through_its_steps(site: Site, analyst: Person) -> None:
    alert = site.alert_ids[0]
    form = analyst.see("/incidents/new", alert=alert)
    assert 'value="Personal Data Taken Without Grant"' in form
    address = _open(analyst, alert=alert)
    page = analyst.see(address)
    assert "公积金中心" in page
    assert f'href="/alerts/{alert}"' in page
    assert re.search(r'data-due="\d{13}"', page)
    assert address in analyst.see(f"/alerts/{alert}")
    assert analyst.send(address, action="assign", owner="analyst").status_code == 303
    assert analyst.send(address, action="decide", level="3", reason="一万人").status_code == 303
    for step in ("notification", "coordination", "response", "tracing"):
        assert analyst.send(address, action="advance", to=step).status_code == 303
    assert analyst.send(address, action="close", conclusion="resolved", reason="完成").status_code == 303
    closed = analyst.see(address)
    assert "处置完成" in closed
    assert "较大（Ⅲ级）" in closed
    assert address not in analyst.see("/incidents")
    assert address in analyst.see("/incidents", ended="true")


def test_what_is_refused_is_said_on_the_page_and_changes_nothing(analyst: Person) -> None:
    address = _open(analyst)
    refused = analyst.send(address, action="advance", to="tracing", reason="x")
    assert (refused.status_code, "当前状态不允许" in refused.text) == (409, True)
    assert analyst.send(address, action="decide", level="9", reason="x").status_code == 422
    assert analyst.send(address, action="burn").status_code == 422
    assert analyst.send(address, action="comment", text="").status_code == 422
    assert 'id="incident-state">事件分析' in analyst.see(address)
    again = analyst.send("/incidents/new", title="", **{"class": "data_security"}, summary="已知情况")
    assert (again.status_code, "已知情况" in again.text) == (422, True)


def test_the_other_work_is_done_from_the_page(site: Site, analyst: Person) -> None:
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
        answer = analyst.send(address, **step)
        assert answer.status_code == 303, (step, answer.text[-600:])
    page = analyst.see(address)
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
    assert analyst.send(other, action="merge", number=number[1], reason="同一起").status_code == 303
    assert address in analyst.see(other)


def test_files_are_checked_and_kept(analyst: Person) -> None:
    address = _open(analyst)
    kept = analyst.send(f"{address}/attachments", [("file", ("取证.pdf", _PDF))])
    assert kept.status_code == 303
    link = re.search(r'href="(/api/v1/incidents/[^"]+/attachments/\w+)"', analyst.see(address))
    assert link
    assert analyst.client.get(link[1]).content == _PDF
    refused = analyst.send(f"{address}/attachments", [("file", ("a.pdf", b"<html>"))])
    assert (refused.status_code, "附件不予接收" in refused.text) == (422, True)
    assert analyst.send(f"{address}/attachments", file="").status_code == 422
    assert analyst.client.post(f"{address}/attachments", files={"file": ("a.pdf", _PDF)}).status_code == 403


def test_only_those_who_may_lead_are_offered_to(analyst: Person, sign_in: SignedIn) -> None:
    address = _open(analyst)
    auditor = Person(sign_in("auditor"))
    assert f'action="{address}"' not in auditor.see(address)
    assert auditor.send(address, action="comment", text="x").status_code == 403
    assert auditor.client.get("/incidents/new").status_code == 403
    assert sign_in("housing").get("/incidents").status_code == 403
    assert analyst.client.post(address, data={"action": "comment", "text": "x"}).status_code == 403


def test_nobody_sees_another_units_incidents(site: Site, analyst: Person, sign_in: SignedIn) -> None:
    address = _open(analyst)
    assert sign_in("second").get(address).status_code == 200
    assert analyst.client.get("/incidents/nothing").status_code == 404
    with site.records.begin() as session:
        account = NewAccount("nearby", "correct horse battery", ["unit_user"], units=["lh-gaj"])
        create_user(session, account, Actor("system", "test", "test"))
    assert sign_in("nearby").get(address).status_code == 403


def test_the_board_narrows(analyst: Person) -> None:
    first, second = _open(analyst, title="甲"), _open(analyst, title="乙")
    assert analyst.send(second, action="assign", owner="analyst").status_code == 303
    board = analyst.see("/incidents")
    assert {first, second} <= set(re.findall(r'href="(/incidents/\w{32})"', board))
    mine = analyst.see("/incidents", mine="true")
    assert (first in mine, second in mine) == (False, True)
    named = analyst.see("/incidents", text="甲", level=["4", ""])
    assert (first in named, second in named) == (True, False)
    assert analyst.client.get("/incidents", params={"level": "9"}).status_code == 422
