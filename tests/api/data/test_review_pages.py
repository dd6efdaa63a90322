"""The review desk: masked evidence, decisions by another person, in bulk, with typed reasons; disagreements."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import httpx
import pytest

if TYPE_CHECKING:
    from conftest import City

SignedIn = Callable[..., httpx.Client]
_RAW = ("11010519491231002X", "13800138000", "欧阳娜娜")


def _post(client: httpx.Client, path: str, **fields: object) -> httpx.Response:
    token = client.get("/api/v1/sessions/me").json()["csrf_token"]
    return client.post(path, data={"csrf_token": token} | fields)


def _listed(client: httpx.Client, query: str = "") -> list[str]:
    return re.findall(r'data-href="/review/([^"]+)"', client.get(f"/review{query}").text)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_desk_shows_what_waits_with_masked_evidence(data_city: City, sign_in: SignedIn, language: str) -> None:
    client = sign_in("second")
    client.cookies.set("fengsui_language", language)
    assert set(_listed(client)) == {
        data_city.findings["mobile:mobile_phone"],
        data_city.findings["home_address:address"],
    }
    everything = "?state=suggested&state=confirmed&state=rejected&text=&category=&grade="
    assert len(_listed(client, everything)) == 4
    pages = [
        client.get(f"/review{everything}"),
        *(client.get(f"/review/{each}") for each in data_city.findings.values()),
    ]
    assert all(page.status_code == 200 for page in pages)
    assert not [raw for page in pages for raw in _RAW if raw in page.text]
    assert any("<code>" in page.text for page in pages)


def test_a_disagreement_stands_beside_the_decision(data_city: City, sign_in: SignedIn) -> None:
    client = sign_in("officer")
    rejected = data_city.findings["name:person_name"]
    assert _listed(client, "?disagreeing=true") == [rejected]
    text = client.get(f"/review/{rejected}").text
    assert text.index("决定时的依据") < text.index("最新扫描")
    assert "50 / 100" in text
    assert "90 / 100" in text
    assert "已驳回，扫描又发现" in text


def test_a_decision_is_another_persons_and_reaches_the_catalog(data_city: City, sign_in: SignedIn) -> None:
    officer, second = sign_in("officer"), sign_in("second")
    amended = f"/review/{data_city.findings['mobile:mobile_phone']}"
    assert 'value="confirm"' not in officer.get(amended).text
    refused = _post(officer, amended, action="confirm")
    assert (refused.status_code, "提出者不得自行决定" in refused.text) == (403, True)
    assert _post(second, amended, action="confirm", comment="同意").status_code == 303
    assert "已确认，目录已更新" in second.get(amended).text
    fields = second.get(f"/api/v1/registry/resources/{data_city.table}").json()["fields"]
    assert {each["name"]: each["grade"] for each in fields}["mobile"] == "general_3"


def test_many_are_rejected_with_a_typed_reason_and_the_rest_is_named(data_city: City, sign_in: SignedIn) -> None:
    officer = sign_in("officer")
    chosen = [data_city.findings["mobile:mobile_phone"], data_city.findings["home_address:address"]]
    answer = _post(officer, "/review", finding_id=chosen, action="reject", reason="too_broad", comment="只是区县")
    assert answer.status_code == 303
    assert "已决定 1 项，另有 1 项未变更" in officer.get("/review").text
    page = officer.get(f"/review/{chosen[1]}").text
    assert "范围过宽" in page
    assert "只是区县" in page
    assert _post(officer, "/review", finding_id=chosen, action="reject", reason="whim").status_code == 422
    assert _post(officer, f"/review/{chosen[0]}", action="explode").status_code == 422


def test_nobody_decides_without_the_scope_or_for_another_unit(data_city: City, sign_in: SignedIn) -> None:
    path = f"/review/{data_city.findings['home_address:address']}"
    watcher, housing, police = sign_in("watcher"), sign_in("housing"), sign_in("police")
    assert 'name="finding_id"' not in watcher.get("/review").text
    assert _post(watcher, path, action="confirm").status_code == 403
    assert _listed(housing) == []
    assert housing.get(path).status_code == 404
    assert _post(housing, path, action="confirm").status_code == 403
    assert _post(police, path, action="confirm").status_code == 303
    assert police.post(path, data={"action": "confirm"}).status_code == 403  # no token


def test_the_catalogs_names_suggest(sign_in: SignedIn) -> None:
    officer = sign_in("officer")
    before = len(_listed(officer, "?limit=500"))
    _post(officer, "/review/from-catalog")
    assert len(_listed(officer, "?limit=500")) > before
