"""The registry over HTTP: who may do what with whose units, problems, cursors, files."""

from __future__ import annotations

import io
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import openpyxl
import pytest

from api.identity.accounts import NewAccount, create_user
from audit import Actor
from audit.authorship import ChangedBy
from events import now_ms
from registry import UnitScope
from registry.importing import ImportKind, import_file
from registry.registers import Editor
from store.records import RecordsDatabase

if TYPE_CHECKING:
    from conftest import Site

_SETUP = Actor("system", "test", "test")
PASSWORD = "correct horse battery"
SignedIn = Callable[..., httpx.Client]
_PEOPLE = {
    "officer": (["data_administrator"], []),
    "second": (["data_administrator"], []),
    "housing": (["unit_user"], ["lh-gjj"]),
    "police": (["unit_data_officer"], ["lh-gaj"]),
    "unbound": (["unit_user"], []),
}
_TERMS = {
    "id": "G-1",
    "consumer_id": "con-gjj",
    "provider_id": "lh-gaj",
    "resource_id": "population.person",
    "fields": ["name"],
    "purpose": "核验",
    "valid_from": "2026-01-01",
    "valid_to": "2030-12-31",
}


@pytest.fixture(scope="module")
def filled(filled: Path, tmp_path_factory: pytest.TempPathFactory, project: Path) -> Path:
    """The site with the sample city registered, and the people of this page."""
    folder = tmp_path_factory.mktemp("registered") / "site"
    shutil.copytree(filled, folder)
    records = RecordsDatabase(f"sqlite:///{folder}/records.db")
    with records.begin() as session:
        for name, (roles, units) in _PEOPLE.items():
            create_user(session, NewAccount(name, PASSWORD, roles, units=units), _SETUP)
    editor = Editor(ChangedBy(_SETUP, now_ms()), UnitScope.everything())
    for kind in ImportKind:
        assert import_file(records, kind, (project / f"samples/registry/{kind}.csv").read_bytes(), editor).taken
    records.close()
    return folder


@pytest.fixture
def city(sign_in: SignedIn) -> SignedIn:
    """Signs people in to a site with the sample city registered."""
    return sign_in


def test_pages_follow_each_other_to_the_end(city: SignedIn) -> None:
    client, seen, cursor = city("officer"), [], None
    while True:
        query = {"limit": 50} | ({"cursor": cursor} if cursor else {})
        page = client.get("/api/v1/registry/grants", params=query).json()
        seen += [grant["id"] for grant in page["grants"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert len(seen) == 120
    assert seen == sorted(set(seen))
    other = client.get("/api/v1/registry/grants", params={"limit": 5}).json()["next_cursor"]
    refused = client.get("/api/v1/registry/units", params={"cursor": other})
    assert (refused.status_code, refused.json()["code"]) == (400, "invalid_cursor")


def test_lists_are_filtered(city: SignedIn) -> None:
    client = city("officer")
    grants = client.get("/api/v1/registry/grants", params={"consumer": "con-gjj", "state": "approved"}).json()["grants"]
    assert [grant["id"] for grant in grants] == ["G-2026-0031"]
    units = client.get("/api/v1/registry/units", params={"text": "清溪"}).json()["units"]
    assert [unit["id"] for unit in units] == ["qx", "qx-mzj", "qx-zwj"]


def test_people_of_a_unit_see_their_unit_alone(city: SignedIn) -> None:
    client = city("housing")
    assert [each["id"] for each in client.get("/api/v1/registry/units").json()["units"]] == ["lh-gjj"]
    assert {each["provider_id"] for each in client.get("/api/v1/registry/resources").json()["resources"]} == {"lh-gjj"}
    assert [each["id"] for each in client.get("/api/v1/registry/consumers").json()["consumers"]] == ["con-gjj"]
    assert {each["id"] for each in client.get("/api/v1/registry/accounts").json()["accounts"]} == {"app-gjj", "svc-gjj"}
    grants = client.get("/api/v1/registry/grants").json()["grants"]
    assert grants
    assert all(each["provider_id"] == "lh-gjj" or each["consumer_id"] == "con-gjj" for each in grants)
    assert client.get("/api/v1/registry/units/lh-gaj").json()["code"] == "entry_not_found"
    exported = client.get("/api/v1/registry:export", params={"kind": "units", "format": "csv"})
    assert exported.content.decode("utf-8-sig").count("\r\n") == 2


def test_who_speaks_for_no_unit_sees_nothing(city: SignedIn) -> None:
    client = city("unbound")
    for register in ("units", "systems", "resources", "consumers", "accounts", "grants"):
        assert client.get(f"/api/v1/registry/{register}").json()[register] == []


@pytest.mark.parametrize(
    ("who", "method", "path", "body"),
    [
        ("housing", "POST", "/registry/units", {"id": "x", "name": "x", "level": "city"}),
        ("housing", "POST", "/registry:import?kind=units", {}),
        ("housing", "POST", "/registry/grants/G-2026-0031:revoke", {"reason": "x"}),
        ("analyst", "POST", "/registry/grants", _TERMS),
        ("nobody", "GET", "/registry/units", None),
    ],
)
def test_what_a_role_does_not_give_is_refused(
    city: SignedIn, who: str, method: str, path: str, body: dict[str, object] | None
) -> None:
    answer = city(who).request(method, f"/api/v1{path}", json=body)
    assert (answer.status_code, answer.json()["code"]) == (403, "scope_missing")


def test_nobody_signed_in_gets_nothing(site: Site) -> None:
    with site.client() as client:
        assert client.get("/api/v1/registry/grants").status_code == 401


def test_a_grant_is_asked_for_by_one_and_approved_by_another(city: SignedIn) -> None:
    requester, provider = city("housing"), city("police")
    asked = requester.post("/api/v1/registry/grants", json=_TERMS)
    assert (asked.status_code, asked.json()["state"]) == (201, "requested")
    assert requester.post("/api/v1/registry/grants", json=_TERMS).json()["code"] == "entry_exists"
    assert provider.post("/api/v1/registry/grants/G-1:approve", json={}).json()["state"] == "approved"
    refused = provider.post("/api/v1/registry/grants/G-1:suspend", json={})
    assert (refused.status_code, refused.json()["code"]) == (409, "grant_transition_refused")
    assert provider.post("/api/v1/registry/grants/G-1:suspend", json={"reason": "核查"}).json()["state"] == "suspended"
    assert provider.post("/api/v1/registry/grants/G-1:resume", json={}).json()["state"] == "approved"
    assert provider.post("/api/v1/registry/grants/G-1:revoke", json={"reason": "越权"}).json()["state"] == "revoked"
    steps = requester.get("/api/v1/registry/grants/G-1/transitions").json()
    assert [(step["to_state"], step["actor"]) for step in steps] == [
        ("requested", "housing"),
        ("approved", "police"),
        ("suspended", "police"),
        ("approved", "police"),
        ("revoked", "police"),
    ]


def test_who_requested_does_not_approve(city: SignedIn) -> None:
    officer = city("officer")
    assert officer.post("/api/v1/registry/grants", json=_TERMS).status_code == 201
    for step in ("approve", "revoke"):
        refused = officer.post(f"/api/v1/registry/grants/G-1:{step}", json={"reason": "x"})
        assert (refused.status_code, refused.json()["code"]) == (409, "grant_transition_refused")
    assert city("second").post("/api/v1/registry/grants/G-1:approve", json={}).json()["state"] == "approved"


def test_a_unit_changes_what_is_its_own_and_nothing_else(city: SignedIn) -> None:
    police = city("police")
    entry = police.get("/api/v1/registry/resources/table.population.resident").json()
    changed = police.put("/api/v1/registry/resources/table.population.resident", json=entry | {"owner": "户政科"})
    assert (changed.status_code, changed.json()["owner"]) == (200, "户政科")
    foreign = city("officer").get("/api/v1/registry/resources/medical.insured").json()
    refused = police.put("/api/v1/registry/resources/medical.insured", json=foreign | {"owner": "x"})
    assert refused.json()["code"] == "entry_not_found"
    given_away = police.put(
        "/api/v1/registry/resources/table.population.resident", json=entry | {"provider_id": "lh-ybj", "owner": "x"}
    )
    assert given_away.json()["code"] == "contradiction"
    moved = police.get("/api/v1/registry/units/lh-gaj").json() | {"parent_id": "lh-ybj"}
    assert police.put("/api/v1/registry/units/lh-gaj", json=moved).json()["code"] == "entry_not_found"


def test_what_is_wrong_is_a_problem_with_its_place(city: SignedIn) -> None:
    client = city("officer")
    illegal = client.get("/api/v1/registry/systems/sys-cases").json() | {"level": 2}
    answer = client.put("/api/v1/registry/systems/sys-cases", json=illegal)
    assert answer.status_code == 422
    assert "S3A2 makes level 3" in answer.text
    taken = client.get("/api/v1/registry/systems/sys-gjj").json() | {"addresses": ["10.50.4.0/24"]}
    assert client.put("/api/v1/registry/systems/sys-gjj", json=taken).json()["code"] == "contradiction"
    assert client.put("/api/v1/registry/systems/sys-zr", json=taken).json()["code"] == "id_differs"


def test_a_repeated_request_acts_once(city: SignedIn) -> None:
    client = city("officer")
    key = {"Idempotency-Key": "unit-1"}
    body = {"id": "lh-new", "name": "新设单位", "level": "市级", "parent_id": "lh"}
    first, again = (client.post("/api/v1/registry/units", json=body, headers=key) for _ in range(2))
    assert first.status_code == again.status_code == 201
    assert first.json() == again.json()


def test_a_file_is_tried_before_it_is_taken(city: SignedIn) -> None:
    client = city("officer")
    content = "id,name,level,parent_id\nqx-nw,南湾乡,乡级,qx\nbad,坏行,乡级,nowhere\n".encode()
    tried = client.post("/api/v1/registry:import", params={"kind": "units", "dry_run": True}, files={"file": content})
    assert tried.status_code == 200, tried.text
    document = tried.json()
    assert (document["rows"], document["added"], document["taken"]) == (2, 1, False)
    assert [(each["row"], each["column"]) for each in document["problems"]] == [(3, "parent_id")]
    broken = client.post("/api/v1/registry:import", params={"kind": "units"}, content=b"PK\x03\x04broken")
    assert (broken.status_code, broken.json()["code"]) == (422, "invalid_register_file")


def test_registers_leave_as_one_workbook(city: SignedIn) -> None:
    answer = city("officer").get("/api/v1/registry:export", params={"kind": ["resources", "grants"]})
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    assert book.sheetnames == ["数据资源目录", "对外提供使用台账"]
    assert book["对外提供使用台账"].max_row == 121
    template = city("officer").get("/api/v1/registry:template", params={"kind": "grants", "format": "csv"})
    assert template.content.decode("utf-8-sig").startswith("id,consumer_id,")


def test_a_request_that_is_refused_can_be_read_ever_after(city: SignedIn) -> None:
    requested = city("officer").post("/api/v1/registry/grants", json=_TERMS | {"id": "G-refused"})
    assert requested.status_code == 201, requested.text
    client = city("second")
    refused = client.post("/api/v1/registry/grants/G-refused:revoke", json={"reason": "不符合用途"})
    assert (refused.status_code, refused.json()["state"]) == (200, "revoked"), refused.text
    assert client.get("/api/v1/registry/grants/G-refused").json()["approved_by"] == ""
    assert client.get("/api/v1/registry/grants", params={"state": "revoked"}).status_code == 200
    assert client.get("/api/v1/registry:export", params={"kind": "grants"}).status_code == 200
