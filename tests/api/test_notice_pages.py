"""Notices on their pages: the unit answers with evidence, another verifies, nobody sees another unit's."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from tests.api.person import Person

SignedIn = Callable[..., httpx.Client]
_PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
_DEMAND = {"unit": "lh-gjj", "title": "限期整改", "demand": "收回越权账号并说明"}


@pytest.fixture(scope="module")
def filled(filled: Path, tmp_path_factory: pytest.TempPathFactory, with_units: Callable[[Path, Path], Path]) -> Path:
    """The site with units and their people."""
    return with_units(filled, tmp_path_factory.mktemp("units") / "site")


@pytest.fixture
def person(sign_in: SignedIn) -> Callable[[str], Person]:
    """People by the names of their accounts."""
    return lambda name: Person(sign_in(name))


def _issue(by: Person, **changes: str) -> str:
    answer = by.send("/notices/new", **{**_DEMAND, **changes})
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def test_the_unit_answers_and_another_verifies(person: Callable[[str], Person]) -> None:
    analyst, housing, second = person("analyst"), person("housing"), person("second")
    notice = _issue(analyst)
    assert notice in housing.see("/notices")
    assert f'action="{notice}/answer"' not in housing.see(notice)
    assert housing.send(f"{notice}/acknowledge").status_code == 303
    form = housing.see(notice)
    assert f'action="{notice}/answer"' in form
    assert f'action="{notice}/judge"' not in form
    empty = housing.send(f"{notice}/answer", text="已收回")
    assert (empty.status_code, "整改通知内容有误" in empty.text) == (422, True)
    wrong = housing.send(f"{notice}/answer", [("file", ("a.pdf", b"<html>"))], text="已收回全部账号")
    assert (wrong.status_code, "附件不予接收" in wrong.text, "已收回全部账号" in wrong.text) == (422, True, True)
    assert housing.send(f"{notice}/answer", [("file", ("整改.pdf", _PDF))], text="已收回").status_code == 303
    page = second.see(notice)
    link = re.search(rf'href="(/api/v1{notice}/attachments/\w+)"', page)
    assert link
    assert second.client.get(link[1]).content == _PDF
    assert second.send(f"{notice}/judge", decision="reject", reason="缺少日志").status_code == 303
    again = re.search(r'name="evidence" value="(\w+)"', housing.see(notice))
    assert again
    assert housing.send(f"{notice}/answer", text="补充日志", evidence=again[1]).status_code == 303
    assert second.send(f"{notice}/judge", decision="verify").status_code == 303
    assert "已通过" in housing.see(notice)


def test_more_time_is_asked_for_and_decided_by_another(person: Callable[[str], Person]) -> None:
    analyst, housing = person("analyst"), person("housing")
    notice = _issue(analyst)
    assert housing.send(f"{notice}/acknowledge").status_code == 303
    early = housing.send(f"{notice}/ask-extension", deadline="2001-01-01T00:00", reason="x")
    assert early.status_code == 422
    assert housing.send(f"{notice}/ask-extension", deadline="2099-01-01T18:00", reason="等待采购").status_code == 303
    assert "2099-01-01 18:00:00" in analyst.see("/notices")
    assert analyst.send(f"{notice}/decide-extension", decision="grant", reason="同意").status_code == 303
    assert '反馈期限 <b><time datetime="2099-01-01T10:00:00.000Z"' in housing.see(notice)


def test_no_one_sees_or_touches_another_units_notice(person: Callable[[str], Person]) -> None:
    analyst, police = person("analyst"), person("police")
    notice = _issue(analyst)
    assert "没有整改通知" in police.see("/notices")
    assert police.client.get(notice).status_code == 404
    for step in ("acknowledge", "answer", "ask-extension"):
        fields = {"text": "x", "deadline": "2099-01-01T18:00", "reason": "x"}
        assert police.send(f"{notice}/{step}", **fields).status_code == 404, step
    for step in ("judge", "decide-extension", "withdraw"):
        assert police.send(f"{notice}/{step}", decision="verify", reason="x").status_code == 403, step
    assert police.client.get("/notices/new").status_code == 403
    assert analyst.send(f"{notice}/acknowledge").status_code == 403


def test_issuing_says_what_is_wrong_and_keeps_what_was_typed(person: Callable[[str], Person]) -> None:
    analyst = person("analyst")
    for changes in ({"unit": "nowhere"}, {"deadline": "2001-01-01T00:00"}, {"deadline": "soon"}, {"title": " "}):
        refused = analyst.send("/notices/new", **{**_DEMAND, **changes})
        assert (refused.status_code, "收回越权账号并说明" in refused.text) == (422, True), changes
    notice = _issue(analyst, deadline="2099-01-01T18:00")
    assert analyst.send(f"{notice}/withdraw", reason="误发").status_code == 303
    assert analyst.send(f"{notice}/withdraw", reason="误发").status_code == 409
    assert notice in analyst.see("/notices", state="withdrawn")
    assert notice not in analyst.see("/notices", state="issued")
    assert notice not in analyst.see("/notices", overdue="true")
