"""Forms of the registry and of requests for grants: who may fill them in, what is refused and where."""

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


def _post(client: httpx.Client, path: str, /, **fields: object) -> httpx.Response:
    token = client.get("/api/v1/sessions/me").json()["csrf_token"]
    return client.post(path, data={"csrf_token": token} | fields)


def _errors(page: httpx.Response) -> dict[str, str]:
    """What stands beside each field."""
    found = re.findall(r'<span class="input-error" id="(\w+)-error">(.*?)</span>', page.text, re.DOTALL)
    return {name: html.unescape(text).strip() for name, text in found}


def _filled(page: httpx.Response) -> dict[str, object]:
    """What a browser would send of a form as it was shown."""
    text = page.text
    fields: dict[str, object] = {
        name: html.unescape(value) for name, value in re.findall(r'<input id="(\w+)"[^>]*? value="([^"]*)"', text)
    }
    for name, body in re.findall(r'<select id="(\w+)".*?>(.*?)</select>', text, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', body)
        fields[name] = chosen[1] if chosen else ""
    for name, body in re.findall(r'<textarea id="(\w+)"[^>]*>(.*?)</textarea>', text, re.DOTALL):
        fields[name] = html.unescape(body)
    for name, value, checked in re.findall(r'<input type="checkbox" id="(\w+)"[^>]*? value="(\w+)"( checked)?', text):
        fields[name] = value if checked else ""
    for part in ("name", "label", "categories"):
        fields[f"field_{part}"] = re.findall(rf'name="field_{part}" value="([^"]*)"', text)
    grades = re.findall(r'<select name="field_grade".*?>(.*?)</select>', text, re.DOTALL)
    fields["field_grade"] = [(re.search(r'value="([^"]*)" selected', each) or [0, ""])[1] for each in grades]
    return fields


@pytest.mark.parametrize(
    ("register", "entry_id"),
    [
        ("units", "lh-gjj"),
        ("systems", "sys-exchange"),
        ("resources", "table.population.resident"),
        ("consumers", "ctr-weibao"),
        ("accounts", "app-gjj"),
    ],
)
def test_a_form_sent_back_as_it_was_shown_changes_nothing(sign_in: SignedIn, register: str, entry_id: str) -> None:
    officer = sign_in("officer")
    before = officer.get(f"/api/v1/registry/{register}/{entry_id}").json()
    path = f"/registry/{register}/{entry_id}/edit"
    sent = _post(officer, path, **_filled(officer.get(path)))
    assert sent.status_code == 303, _errors(sent)
    assert officer.get(f"/api/v1/registry/{register}/{entry_id}").json() == before


def test_units_and_their_people_are_registered_and_changed(sign_in: SignedIn) -> None:
    officer = sign_in("officer")
    filled = {
        "id": "lh-new",
        "name": "岚湖市新设单位",
        "level": "city",
        "parent_id": "lh",
        "liaison": "张三 0571-1 a@b.cn\n李四",
    }
    sent = _post(officer, "/registry/units/new", **filled)
    assert (sent.status_code, sent.headers["location"]) == (303, "/units/lh-new")
    people = officer.get("/api/v1/registry/units/lh-new").json()["contacts"]
    assert [(each["role"], each["name"], each["email"]) for each in people] == [
        ("liaison", "张三", "a@b.cn"),
        ("liaison", "李四", ""),
    ]
    assert _errors(_post(officer, "/registry/units/new", **filled)) == {"id": "编号已被使用，请换一个"}


@pytest.mark.parametrize(
    ("language", "said"), [("zh", "没有登记此单位，请先登记或更正编号"), ("en", "No such unit is registered")]
)
def test_what_is_wrong_stands_beside_its_field_and_what_was_typed_stays(
    sign_in: SignedIn, language: str, said: str
) -> None:
    officer = sign_in("officer")
    officer.cookies.set("fengsui_language", language)
    refused = _post(officer, "/registry/consumers/new", id="con new", name="", kind="contractor", unit_id="lh-gjj")
    assert refused.status_code == 422
    assert set(_errors(refused)) == {"id", "name"}
    assert 'value="con new"' in refused.text
    assert re.search(r'<input id="id"[^>]* aria-invalid="true" aria-describedby="id-error', refused.text)
    refused = _post(
        officer, "/registry/consumers/new", id="con-new", name="某公司", kind="contractor", unit_id="lh-gjj"
    )
    assert set(_errors(refused)) == {"contract_end"}
    refused = _post(officer, "/registry/consumers/new", id="con-new", name="x", kind="person", unit_id="nowhere")
    assert said in _errors(refused)["unit_id"]
    assert officer.get("/api/v1/registry/consumers/con-new").status_code == 404


def test_a_wrong_field_of_a_resource_is_told_by_its_row(data_city: City, sign_in: SignedIn) -> None:
    officer = sign_in("officer")
    path = f"/registry/resources/{data_city.table}/edit"
    fields = _filled(officer.get(path))
    names = fields["field_name"]
    assert isinstance(names, list)
    names[-1], names[-2] = names[0], ""
    refused = _post(officer, path, **fields)
    assert refused.status_code == 422
    assert "有重名的字段" in _errors(refused)["fields"]


def test_only_who_may_register_is_let_in_and_only_for_their_units(data_city: City, sign_in: SignedIn) -> None:
    housing, police = sign_in("housing"), sign_in("police")
    assert housing.get("/registry/units/new").status_code == 403
    assert _post(housing, "/registry/units/lh-gjj/edit", name="x").status_code == 403
    assert "/registry/" not in housing.get("/units/lh-gjj").text
    assert police.get("/registry/systems/sys-exchange/edit").status_code == 404
    own = f"/registry/resources/{data_city.table}/edit"
    assert police.get(own).status_code == 200
    assert "lh-gjj" not in re.findall(r'<option value="([^"]+)"', police.get(own).text)
    assert police.post(own, data={"name": "x"}).status_code == 403, "without the form's token"
    elsewhere = _post(police, "/registry/consumers/new", id="con-x", name="x", kind="unit", unit_id="lh-gjj")
    assert _errors(elsewhere) == {"id": "涉及的单位不在您的管辖范围，请改为您所辖的单位"}


def test_a_grant_is_requested_by_one_changed_and_approved_by_another(sign_in: SignedIn) -> None:
    housing, police = sign_in("housing"), sign_in("police")
    assert housing.get("/grants/new").status_code == 200
    assert "没有登记此资源" in housing.get("/grants/new?resource=nothing").text
    form = housing.get("/grants/new?resource=population.resident")
    filled = _filled(form) | {"resource_id": "population.resident", "fields": "name\nnothing", "masked": "true"}
    refused = _post(housing, "/grants/new", **filled)
    assert refused.status_code == 422
    assert set(_errors(refused)) == {"consumer_id", "purpose"}
    filled |= {"consumer_id": "con-gjj", "purpose": "贷款核验", "zones": ["internal"]}
    assert set(_errors(_post(housing, "/grants/new", **filled))) == {"fields"}
    sent = _post(housing, "/grants/new", **(filled | {"fields": "name\nid_number"}))
    assert sent.status_code == 303, _errors(sent)
    path = sent.headers["location"]
    filled = _filled(housing.get(f"{path}/edit")) | {"fields": "name", "masked": "true", "valid_to": "2020-01-01"}
    assert set(_errors(_post(housing, f"{path}/edit", **filled))) == {"valid_to"}
    assert _post(housing, f"{path}/edit", **(filled | {"valid_to": "2027-12-31"})).status_code == 303
    grant = housing.get(f"/api/v1/registry{path}").json()
    assert (grant["fields"], grant["masked"], grant["state"]) == (["name"], True, "requested")
    assert _post(housing, path, action="approve").status_code == 403
    assert _post(police, path, action="approve").status_code == 303
    refused = _post(housing, f"{path}/edit", **(filled | {"valid_to": "2028-12-31"}))
    assert refused.status_code == 409, "its terms stand from now on"


def test_consumers_are_listed_with_their_accounts(sign_in: SignedIn) -> None:
    officer, housing = sign_in("officer"), sign_in("housing")
    assert "con-gjj" in officer.get("/consumers?text=gjj&kind=").text
    assert "con-rs" not in housing.get("/consumers?limit=500").text
    page = officer.get("/consumers/con-gjj").text
    assert "app-gjj" in page
    assert "/registry/accounts/new?consumer_id=con-gjj" in page
    form = officer.get("/registry/accounts/new?consumer_id=con-gjj")
    sent = _post(officer, "/registry/accounts/new", **(_filled(form) | {"id": "app-gjj-2@sys-exchange"}))
    assert sent.headers["location"] == "/consumers/con-gjj"
    assert officer.get("/registry/accounts/app-gjj-2%40sys-exchange/edit").status_code == 200
