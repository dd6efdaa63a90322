"""Incidents, notices and their figures over HTTP: led by analysts, answered by units, each within their own."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from api.identity.accounts import NewAccount, create_user
from audit import Actor, AuditFilter, Trust, list_records, verify_trail
from audit.authorship import ChangedBy
from events import now_ms
from registry import UnitLevel, UnitScope
from registry.entries import UnitEntry
from registry.registers import UNITS, Editor, put
from store.records import RecordsDatabase

if TYPE_CHECKING:
    from conftest import Site

SignedIn = Callable[..., httpx.Client]
PASSWORD = "correct horse battery"
SETUP = Actor("system", "test", "test")
_PEOPLE = {
    "second": (["analyst"], []),
    "officer": (["data_administrator"], []),
    "housing": (["unit_user"], ["lh-gjj"]),
    "police": (["unit_user"], ["lh-gaj"]),
}
_PAST = "2001-01-01T00:00:00Z"
_PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
_OPENED = {
    "title": "夜间调用",
    "class_code": "data_security",
    "subclass_code": "data_misuse",
    "unit_id": "lh-gjj",
}


@pytest.fixture(scope="module")
def filled(filled: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site with three units and their people."""
    folder = tmp_path_factory.mktemp("units") / "site"
    shutil.copytree(filled, folder)
    records = RecordsDatabase(f"sqlite:///{folder}/records.db")
    editor = Editor(ChangedBy(SETUP, now_ms()), UnitScope.everything())
    with records.begin() as session:
        for unit, parent in (("lh", None), ("lh-gjj", "lh"), ("lh-gaj", "lh")):
            entry = UnitEntry(id=unit, name=unit, level=UnitLevel.CITY, parent_id=parent, contacts=[])
            put(session, UNITS, entry, editor)
        for name, (roles, units) in _PEOPLE.items():
            create_user(session, NewAccount(name, PASSWORD, roles, units=units), SETUP)
    records.close()
    return folder


def _post(
    client: httpx.Client, path: str, body: dict[str, object] | None = None, status: int = 200
) -> dict[str, object]:
    answer = client.post(f"/api/v1{path}", json=body)
    assert answer.status_code == status, answer.text
    document: dict[str, object] = answer.json()
    return document


def _open(client: httpx.Client, **changes: object) -> str:
    return str(_post(client, "/incidents", {**_OPENED, **changes}, 201)["id"])


def _issue(client: httpx.Client, incident: str | None = None, unit: str = "lh-gjj") -> str:
    body = {"unit_id": unit, "title": "限期整改", "demand": "收回越权账号并说明", "incident_id": incident}
    return str(_post(client, "/notices", body, 201)["id"])


def _attach(client: httpx.Client, path: str, name: str = "整改.pdf", content: bytes = _PDF) -> httpx.Response:
    return client.post(f"/api/v1{path}/attachments", files={"file": (name, content)})


def test_from_an_alert_to_a_verified_rectification(site: Site, sign_in: SignedIn) -> None:
    analyst, second, housing = sign_in("analyst"), sign_in("second"), sign_in("housing")
    incident = _open(analyst, alert_ids=site.alert_ids[:1])
    assert _post(analyst, f"/incidents/{incident}:assign", {"owner": "analyst"})["owner"] == "analyst"
    decided = _post(analyst, f"/incidents/{incident}:decide-level", {"level": 3, "reason": "一万人"})
    assert (decided["proposed_level"], decided["level"]) == (4, 3)
    clocks = {each["clock"]: each for each in analyst.get(f"/api/v1/incidents/{incident}/clocks").json()}
    assert (clocks["rectify"]["entry"], clocks["first_report"]["state"]) == ("rectify_considerable", "running")
    report = {"kind": "first", "addressee": "省委网信办", "text": "12387"}
    _post(analyst, f"/incidents/{incident}/reports", report, 201)
    for step in ("notification", "coordination", "response", "tracing"):
        assert _post(analyst, f"/incidents/{incident}:advance", {"to": step})["state"] == step
    notice = _issue(analyst, incident)
    closing = {"reason": "完成", "conclusion": "resolved"}
    assert _post(analyst, f"/incidents/{incident}:close", closing, 409)["code"] == "incident_transition_refused"

    assert _post(housing, f"/notices/{notice}:acknowledge")["state"] == "acknowledged"
    file = _attach(housing, f"/notices/{notice}").json()
    _post(housing, f"/notices/{notice}:answer", {"text": "已收回", "attachment_ids": [file["id"]]})
    before = analyst.get("/api/v1/performance").json()
    assert (before["notices"]["pending"], before["incidents"]["in_time"]) == (1, 1)
    assert _post(second, f"/notices/{notice}:verify", {})["state"] == "verified"
    after = analyst.get("/api/v1/performance").json()
    assert (after["notices"]["in_time"], after["rectified_in_time_rate"], after["target_rate"]) == (1, 1.0, 0.95)
    assert _post(analyst, f"/incidents/{incident}:close", closing)["state"] == "closed"

    lines = analyst.get(f"/api/v1/incidents/{incident}/timeline").json()
    kinds = [line["kind"] for line in lines]
    for kind in ("opened", "alert", "event", "level", "report", "step", "notice", "attachment"):
        assert kind in kinds, kind
    assert [line["at"] for line in lines] == sorted(line["at"] for line in lines)
    with site.records.read() as session:
        assert verify_trail(session, Trust()).holds
        actions = [row.action for row in list_records(session, AuditFilter(object_id=notice), 99)]
        assert set(actions) == {"notice:issue", "notice:acknowledge", "notice:answer", "notice:verify"}


def test_a_unit_sees_and_answers_its_own_notices_alone(sign_in: SignedIn) -> None:
    analyst, housing, police = sign_in("analyst"), sign_in("housing"), sign_in("police")
    incident = _open(analyst)
    notice = _issue(analyst, incident)
    assert [each["id"] for each in housing.get("/api/v1/notices").json()["notices"]] == [notice]
    assert police.get("/api/v1/notices").json()["notices"] == []
    for method, path in (
        ("GET", f"/notices/{notice}"),
        ("POST", f"/notices/{notice}:acknowledge"),
        ("GET", f"/notices/{notice}/attachments/x"),
    ):
        answer = police.request(method, f"/api/v1{path}")
        assert (answer.status_code, answer.json()["code"]) == (404, "notice_not_found"), path
    assert _attach(police, f"/notices/{notice}").json()["code"] == "notice_not_found"
    assert housing.get("/api/v1/incidents").status_code == 403
    assert housing.get("/api/v1/performance").status_code == 403
    assert housing.post(f"/api/v1/notices/{notice}:verify", json={}).status_code == 403


def test_who_asked_or_answered_decides_nothing(sign_in: SignedIn) -> None:
    analyst, housing = sign_in("analyst"), sign_in("housing")
    notice = _issue(analyst)
    _post(housing, f"/notices/{notice}:acknowledge")
    later = {"deadline": "2099-01-01T00:00:00+08:00", "reason": "等待采购"}
    asked = _post(housing, f"/notices/{notice}:ask-extension", later)
    assert asked["asked_deadline"] == "2098-12-31T16:00:00.000Z"
    granted = _post(analyst, f"/notices/{notice}:decide-extension", {"granted": True, "reason": "同意"})
    assert (granted["deadline"], granted["asked_deadline"]) == ("2098-12-31T16:00:00.000Z", None)
    assert _post(analyst, f"/notices/{notice}:decide-extension", {"granted": True, "reason": "x"}, 409)


def test_an_attachment_is_what_it_says_and_is_only_saved(tmp_path: Path, sign_in: SignedIn) -> None:
    analyst = sign_in("analyst")
    path = f"/incidents/{_open(analyst)}"
    kept = _attach(analyst, path, "..\\../整改 报告.pdf").json()
    assert (kept["name"], kept["media_type"], kept["size"]) == ("整改 报告.pdf", "application/pdf", len(_PDF))
    got = analyst.get(f"/api/v1{path}/attachments/{kept['id']}")
    assert got.content == _PDF
    assert got.headers["content-type"] == "application/octet-stream"
    assert got.headers["content-disposition"].startswith("attachment;")
    assert got.headers["x-content-type-options"] == "nosniff"
    for name, content in (
        ("a.pdf", b"<html>"),
        ("a.html", b"<html>"),
        ("a.png", _PDF),
        ("a.txt", b"\x00\x01"),
        ("a.pdf", b""),
    ):
        assert _attach(analyst, path, name, content).json()["code"] == "attachment_refused", name
    assert analyst.post(f"/api/v1{path}/attachments", json={}).json()["code"] == "no_file"
    assert _attach(analyst, path, "big.txt", b"x" * (22 << 20)).status_code == 413
    [stored] = tmp_path.glob("attachments/*/*")
    stored.chmod(0o600)
    stored.write_bytes(b"%PDF-other")
    assert analyst.get(f"/api/v1{path}/attachments/{kept['id']}").json()["code"] == "attachment_damaged"


def test_pages_and_filters(sign_in: SignedIn) -> None:
    analyst = sign_in("analyst")
    ids = [_open(analyst, title=f"事件 {number}") for number in range(5)]
    _post(analyst, f"/incidents/{ids[2]}:advance", {"to": "notification"})
    first = analyst.get("/api/v1/incidents", params={"limit": 3}).json()
    rest = analyst.get("/api/v1/incidents", params={"limit": 3, "cursor": first["next_cursor"]}).json()
    assert [each["id"] for each in first["incidents"] + rest["incidents"]] == ids[::-1]
    assert rest["next_cursor"] is None
    in_step = analyst.get("/api/v1/incidents", params={"state": "notification"}).json()["incidents"]
    assert [each["id"] for each in in_step] == [ids[2]]
    assert len(analyst.get("/api/v1/incidents", params={"text": "#4"}).json()["incidents"]) == 1
    wrong = analyst.get("/api/v1/notices", params={"cursor": first["next_cursor"]})
    assert (wrong.status_code, wrong.json()["code"]) == (400, "invalid_cursor")


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        ("/incidents", {**_OPENED, "class_code": "nothing"}, 422, "invalid_incident"),
        ("/incidents", {**_OPENED, "unit_id": "nowhere"}, 422, "invalid_incident"),
        ("/incidents", {**_OPENED, "alert_ids": ["none"]}, 404, "alert_not_found"),
        ("/incidents", {**_OPENED, "discovered": "2099-01-01T00:00:00Z"}, 422, "invalid_incident"),
        ("/incidents", {**_OPENED, "title": "\u0000"}, 400, "invalid_characters"),
        ("/incidents/none:advance", {"to": "response"}, 404, "incident_not_found"),
        (
            "/notices",
            {"unit_id": "lh", "title": "x", "demand": "x", "deadline": _PAST},
            422,
            "invalid_notice",
        ),
        ("/notices/none:verify", {}, 404, "notice_not_found"),
    ],
)
def test_what_cannot_be_is_named(sign_in: SignedIn, path: str, body: dict[str, object], status: int, code: str) -> None:
    assert _post(sign_in("analyst"), path, body, status)["code"] == code


def test_a_repeated_request_opens_one_incident(sign_in: SignedIn) -> None:
    analyst = sign_in("analyst")
    answers = [
        analyst.post("/api/v1/incidents", json=_OPENED, headers={"Idempotency-Key": "once"}).json()["id"] for _ in "ab"
    ]
    assert answers[0] == answers[1]
    assert len(analyst.get("/api/v1/incidents").json()["incidents"]) == 1
