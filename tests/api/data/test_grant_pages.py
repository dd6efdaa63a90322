"""Grants' pages: use against the cap, steps by those who may, history, scoping."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import httpx
import pytest

if TYPE_CHECKING:
    from conftest import City

SignedIn = Callable[..., httpx.Client]
_WAITING = "G-2026-0138"


def test_a_grant_is_extended_by_asking_for_the_time_after_it(data_city: City, sign_in: SignedIn) -> None:
    officer = sign_in("officer")
    link = f"/grants/new?resource=population.resident&amp;like={data_city.grant_id}"
    assert link in officer.get(f"/grants/{data_city.grant_id}").text
    old = officer.get(f"/api/v1/registry/grants/{data_city.grant_id}").json()
    form = officer.get(html.unescape(link)).text
    filled = dict(re.findall(r'<input id="(\w+)"[^>]*? value="([^"]*)"', form))
    assert filled["id"] != data_city.grant_id
    assert (filled["valid_from"], filled["valid_to"]) == ("2031-01-01", "2035-12-31"), "from the day after, as long"
    assert html.unescape(filled["purpose"]) == old["purpose"]
    assert f'<option value="{old["consumer_id"]}" selected>' in form
    assert set(re.findall(r'name="fields" value="([^"]+)" checked', form)) == set(old["fields"])


def _post(client: httpx.Client, path: str, **fields: object) -> httpx.Response:
    token = client.get("/api/v1/sessions/me").json()["csrf_token"]
    return client.post(path, data={"csrf_token": token} | fields)


def _listed(client: httpx.Client, query: str = "") -> list[str]:
    return re.findall(r'data-href="/grants/([^"]+)"', client.get(f"/grants{query}").text)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_grant_shows_its_use_against_the_cap(data_city: City, sign_in: SignedIn, language: str) -> None:
    client = sign_in("officer")
    client.cookies.set("fengsui_language", language)
    listed = client.get("/grants?text=G-2026-0031&state=&limit=")
    row = re.search(r"<tr data-row.*?</tr>", listed.text, re.DOTALL)
    assert row is not None
    assert re.search(r'<meter min="0" max="5000"[^>]* value="1200"', row[0])
    page = client.get(f"/grants/{data_city.grant_id}").text
    assert "1,200 / 5,000" in page
    assert ("公积金提取核验" in page, "id_number" in page) == (True, True)


def test_filters_and_scopes_choose_grants(sign_in: SignedIn) -> None:
    officer, housing = sign_in("officer"), sign_in("housing")
    assert _listed(officer, "?state=requested&limit=500") == _listed(officer, "?state=requested&text=&limit=500")
    assert _WAITING in _listed(officer, "?state=requested&limit=500")
    assert _listed(officer, "?resource=population.resident&limit=500")
    own = _listed(housing, "?limit=500")
    assert "G-2026-0031" in own
    assert _WAITING not in own
    assert housing.get(f"/grants/{_WAITING}").status_code == 404


def test_steps_are_taken_by_who_may_with_a_reason_and_stay_in_the_history(data_city: City, sign_in: SignedIn) -> None:
    police, housing = sign_in("police"), sign_in("housing")
    path = f"/grants/{data_city.grant_id}"
    assert 'name="action"' not in housing.get(path).text
    assert _post(housing, path, action="revoke", reason="x").status_code == 403
    assert _post(police, path, action="suspend").status_code == 409
    assert _post(police, path, action="suspend", reason="核查中").status_code == 303
    text = police.get(path).text
    assert "授权已暂停" in text
    assert "核查中" in text
    assert re.findall(r'name="action" value="(\w+)"', text) == ["resume", "revoke"]
    assert _post(police, path, action="explode").status_code == 422
    assert _post(sign_in("officer"), f"/grants/{_WAITING}", action="approve").status_code == 303


def test_nobody_approves_what_they_requested(sign_in: SignedIn) -> None:
    officer = sign_in("officer")
    terms = officer.get("/api/v1/registry/grants/G-2026-0031").json()
    wanted = ("consumer_id", "provider_id", "resource_id", "fields", "purpose")
    body = {name: terms[name] for name in wanted} | {"id": "G-9", "valid_from": "2026-01-01", "valid_to": "2030-12-31"}
    assert officer.post("/api/v1/registry/grants", json=body).status_code == 201
    assert 'name="action"' not in officer.get("/grants/G-9").text
    assert _post(officer, "/grants/G-9", action="approve").status_code == 409
    assert 'value="approve"' in sign_in("second").get("/grants/G-9").text
