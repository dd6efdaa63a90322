"""Systems assessed over the API: asked for, looked into, attested, decided, turned into notices and reports."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from io import BytesIO
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from api.identity.accounts import NewAccount, create_user
from api.platform_facts import platform_facts
from audit import Actor, AuditFilter, list_records
from audit.authorship import ChangedBy
from audit.verify_export import sm3
from compliance import AssessmentSources, ComplianceWorker
from events import now_ms
from registry import UnitScope
from registry.entries import SystemEntry, UnitEntry
from registry.registers import SYSTEMS, UNITS, Editor, put

if TYPE_CHECKING:
    from conftest import Site

PASSWORD = "correct horse battery"
SETUP = Actor("system", "test", "test")
DIGEST = sm3("门禁台账".encode()).hex()

SignedIn = Callable[..., httpx.Client]


@pytest.fixture
def town(site: Site) -> None:
    """Two counties' systems, one of level 3 and one of level 2, and an account for each kind of person."""
    editor = Editor(ChangedBy(SETUP, now_ms()), UnitScope.everything())
    with site.records.begin() as session:
        for unit_id in ("north", "south"):
            put(session, UNITS, UnitEntry(id=unit_id, name=f"{unit_id} 县", level="county"), editor)
            parties = dict.fromkeys(("operator_id", "owner_id", "supervisor_id"), unit_id)
            level = {"level_s": 3, "level_a": 3} if unit_id == "north" else {"level_s": 2, "level_a": 2}
            entry = {
                "id": f"sys-{unit_id}",
                "name": f"{unit_id} 系统",
                "addresses": ["192.0.2.0/24"],
                **parties,
                **level,
            }
            if unit_id == "south":
                entry["addresses"] = []
            put(session, SYSTEMS, SystemEntry.model_validate(entry), editor)
        bare = {"id": "sys-bare", "name": "bare", "operator_id": "south", "owner_id": "south", "supervisor_id": "south"}
        put(session, SYSTEMS, SystemEntry.model_validate(bare), editor)
        people = (
            ("boss", "security_administrator", None),
            ("audits", "audit_administrator", None),
            ("unit", "unit_user", ["north"]),
        )
        for name, role, units in people:
            create_user(session, NewAccount(name, PASSWORD, [role], units=units or []), SETUP)


def _work(site: Site) -> int:
    return ComplianceWorker(site.records, AssessmentSources(site.events, platform_facts(site.records))).work_off()


def _assessed(site: Site, client: httpx.Client, system: str = "sys-north") -> str:
    asked = client.post(f"/api/v1/systems/{system}/assessments")
    assert asked.status_code == 201, asked.text
    assert asked.json()["state"] == "queued"
    assert _work(site) == 1
    return f"/api/v1/systems/{system}/assessments/{asked.json()['id']}"


@pytest.mark.usefixtures("town")
def test_a_system_is_assessed_and_looked_into(site: Site, sign_in: SignedIn) -> None:
    auditor = sign_in("auditor")
    place = _assessed(site, auditor)
    found = auditor.get(place).json()
    assert (found["state"], found["level_s"], sum(found["counts"].values())) == ("done", 3, 211)
    assert found["counts"]["unknown"] > 100
    items = {each["ref"]: each for each in auditor.get(f"{place}/items").json()}
    assert items["8.1.1.1 a"]["judgment"] == "unknown"
    checks = {each["check"]: each for each in auditor.get(f"{place}/evidence").json()}
    assert len(checks) >= 25
    assert checks["collected_centrally"]["judgment"] == "fulfilled"
    [row] = checks["collected_centrally"]["evidence"]
    assert row["count"] == 70
    assert "192.0.2" not in json.dumps(row["sample"])
    again = sign_in("analyst").get("/api/v1/events", params={"q": row["query"], "from": "now-30d"})
    assert again.json()["total"] == row["count"]


@pytest.mark.usefixtures("town")
def test_what_a_person_attests_and_decides_counts_and_stays(site: Site, sign_in: SignedIn) -> None:
    auditor = sign_in("auditor")
    attested = {"judgment": "fulfilled", "statement": "现场核查", "document": "机房选址报告", "document_digest": DIGEST}
    base = "/api/v1/systems/sys-north"
    assert auditor.post(f"{base}/attestations", json={"ref": "8.1.1.1 a", **attested}).status_code == 201
    assert auditor.post(f"{base}/attestations", json={"ref": "9.9.9.9 a", **attested}).status_code == 404
    short = auditor.post(f"{base}/attestations", json={"ref": "8.1.1.1 a", **attested, "document_digest": "abc"})
    assert short.status_code == 422
    place = _assessed(site, auditor)
    before = auditor.get(place).json()
    items = {each["ref"]: each for each in auditor.get(f"{place}/items").json()}
    assert (items["8.1.1.1 a"]["judgment"], items["8.1.1.1 a"]["source"]) == ("fulfilled", "attestation")
    decision = {"judgment": "not_applicable", "reason": "无此场景"}
    decided = auditor.post(f"{place}/items/8.1.1.10 b:decide", json=decision)
    assert decided.status_code == 201, decided.text
    assert (
        auditor.post(f"{place}/items/8.1.1.10 b:decide", json={"judgment": "unknown", "reason": "?"}).status_code == 422
    )
    history = auditor.get(f"{place}/items/8.1.1.10 b/history").json()
    assert [each["judgment"] for each in history] == ["unknown", "not_applicable"]
    assert auditor.get(place).json()["counts"]["not_applicable"] == before["counts"]["not_applicable"] + 1


@pytest.mark.usefixtures("town")
def test_a_gap_becomes_one_notice_to_who_answers_for_it(site: Site, sign_in: SignedIn) -> None:
    boss = sign_in("boss")
    place = _assessed(site, boss)
    gaps = boss.get(f"{place}/gaps").json()
    assert {each["unit_id"] for each in gaps} == {"north"}
    issued = boss.post(f"{place}/gaps:notify", json={"refs": ["8.1.6.1"]})
    assert issued.status_code == 201, issued.text
    assert issued.json()[0]["party"] == "owner"
    unit = sign_in("unit")
    [notice] = [each for each in unit.get("/api/v1/notices").json()["notices"] if each["source"] == "gap"]
    assert (notice["number"], notice["unit_id"]) == (issued.json()[0]["notice"], "north")
    assert boss.post(f"{place}/gaps:notify", json={"refs": ["8.1.6.1"]}).status_code == 409
    assert boss.post(f"{place}/gaps:notify", json={"refs": ["8.1.99.1 a"]}).status_code == 404


@pytest.mark.usefixtures("town")
@pytest.mark.parametrize("kind", ["docx", "html"])
def test_a_report_is_made_in_the_background_and_taken_away(site: Site, sign_in: SignedIn, kind: str) -> None:
    auditor = sign_in("auditor")
    place = _assessed(site, auditor)
    report = auditor.post(f"{place}/reports", json={"format": kind}).json()
    address = f"{place}/reports/{report['id']}"
    assert auditor.get(f"{address}/content").status_code == 409
    assert _work(site) == 1
    made = auditor.get(address).json()
    assert (made["state"], made["progress"]) == ("done", 100)
    content = auditor.get(f"{address}/content")
    assert sm3(content.content).hex() == made["digest"]
    text = (
        content.text if kind == "html" else zipfile.ZipFile(BytesIO(content.content)).read("word/document.xml").decode()
    )
    assert "自评" in text
    with site.records.read() as session:
        wanted = AuditFilter(object_kind="report", object_id=report["id"])
        recorded = {each.action: each.after for each in list_records(session, wanted, 10)}
    assert set(recorded) == {"report:request", "report:finish", "report:download"}
    assert made["digest"] in str(recorded["report:finish"])
    assert [each["id"] for each in auditor.get(f"{place}/reports").json()] == [report["id"]]


@pytest.mark.usefixtures("town")
def test_each_sees_and_does_what_is_theirs(site: Site, sign_in: SignedIn) -> None:
    auditor, unit, audits = sign_in("auditor"), sign_in("unit"), sign_in("audits")
    north, south = _assessed(site, auditor), _assessed(site, auditor, "sys-south")
    assert unit.get(north).status_code == 200
    for path in ("", "/items", "/gaps", "/evidence", "/reports"):
        assert unit.get(south + path).status_code == 404, path
    assert unit.get("/api/v1/systems/sys-south/attestations").status_code == 404
    assert unit.get(north.replace("sys-north", "sys-south")).status_code == 404
    assert auditor.get(north.replace("sys-north", "sys-south")).status_code == 404
    assert unit.post("/api/v1/systems/sys-north/assessments").status_code == 403
    assert audits.post(f"{north}/items/8.1.1.1 a:decide", json={"judgment": "failed", "reason": "x"}).status_code == 403
    assert audits.post(f"{north}/reports", json={}).status_code == 201
    assert sign_in("analyst").get(north).status_code == 403


@pytest.mark.usefixtures("town")
def test_what_can_not_be_assessed_is_said(site: Site, sign_in: SignedIn) -> None:
    auditor = sign_in("auditor")
    refused: Any = auditor.post("/api/v1/systems/sys-bare/assessments")
    assert refused.status_code == 422
    assert "levels" in refused.json()["detail"]
    assert auditor.post("/api/v1/systems/nothing/assessments").status_code == 404
    asked = auditor.post("/api/v1/systems/sys-south/assessments").json()
    place = f"/api/v1/systems/sys-south/assessments/{asked['id']}"
    assert auditor.post(f"{place}/reports", json={}).status_code == 409
    assert auditor.get(f"{place}/gaps").status_code == 409
    assert auditor.get(f"{place}/items").json() == []
    assert _work(site) == 1
    found = auditor.get(place).json()
    assert found["counts"]["unknown"] > 100
