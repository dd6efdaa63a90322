"""One night from end to end: a contractor reads what no grant covers, and an auditor holds the report in the end."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from io import BytesIO
from pathlib import Path
from typing import Any

import docx
import httpx
import pytest
from playwright.sync_api import Browser

from tests.fengsui.looking import shows, signed_in
from tests.fengsui.running import Running, start_up
from tests.patience import PATIENCE_SECONDS, until

NIGHT = "5d0f6c1e-7a2b-4e43-9c57-1f8e0b6a94d2"
GRANT, RESOURCE, SYSTEM, UNIT = "G-2026-0063", "medical.insured", "sys-exchange", "lh-ybj"
CONSUMER, ACCOUNT = "ctr-weibao", "ctr-wb03"
CALLS_OF_THE_NIGHT = 28
LEAST_ALERTS = 20
LEVELS = {"medium", "high", "critical"}
PEOPLE = ("analyst", "dataofficer", "unituser", "auditor")
SOURCE = """[[sources]]
type = "file"
name = "gateway"
paths = ["live/*.ndjson"]
follow = true
"""


@dataclass
class City:
    """The running installation, and everyone signed in as themself."""

    up: Running
    folder: Path
    people: dict[str, httpx.Client] = field(default_factory=dict)

    def get(self, who: str, path: str, **query: object) -> Any:  # noqa: ANN401 (JSON)
        answer = self.people[who].get(f"/api/v1/{path}", params=query)
        assert answer.status_code == HTTPStatus.OK, answer.text
        return answer.json()

    def post(self, who: str, path: str, **body: object) -> Any:  # noqa: ANN401 (JSON)
        answer = self.people[who].post(f"/api/v1/{path}", json=body)
        assert answer.is_success, answer.text
        return answer.json()

    def refused(self, who: str, path: str, **body: object) -> int:
        return self.people[who].post(f"/api/v1/{path}", json=body).status_code


@dataclass(frozen=True)
class Night:
    """A city whose night was noticed, approved, answered and rectified; where its pages are."""

    city: City
    run: str
    incident: str
    approval: str
    rectified: tuple[dict[str, Any], dict[str, Any]]
    """The figures of performance before the unit answered, and after another verified it."""


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.services)])
def city(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    folder = tmp_path_factory.mktemp("city")
    (folder / "fengsui.toml").write_text(SOURCE, encoding="utf-8")
    (folder / "live").mkdir()
    with ExitStack() as stack:
        environment = {}
        if request.param == "postgresql":
            server = request.getfixturevalue("postgresql_server")
            environment["FENGSUI_RECORDS_URL"] = stack.enter_context(server.fresh_database())
        running = start_up(folder, "--demo", **environment)
        stack.callback(lambda: (running.process.terminate(), running.process.wait(PATIENCE_SECONDS)))
        found = City(running, folder)
        for name in PEOPLE:
            found.people[name] = stack.enter_context(closing(running.sign_in(name)))
        yield found


@pytest.fixture(scope="module")
def night(city: City, project: Path) -> Night:
    alert, run = the_night_is_noticed(city)
    incident = an_incident_stands_with_its_clocks(city, alert, run)
    approval = the_data_officer_approves_what_will_be_done(city, run)
    the_grant_is_revoked_and_the_gateway_told(city, alert, run)
    the_next_flow_is_one_under_a_revoked_grant(city, project)
    before = city.get("auditor", "performance")
    the_unit_answers_and_another_verifies(city, incident)
    return Night(city, run["id"], incident["id"], approval, (before, city.get("auditor", "performance")))


@pytest.mark.fault
def test_a_night_ends_in_a_verified_rectification_and_a_report(night: Night) -> None:
    before, after = night.rectified
    assert after["notices"]["in_time"] == before["notices"]["in_time"] + 1
    assert after["rectified_in_time_rate"] == 1
    number = night.city.get("analyst", f"incidents/{night.incident}")["number"]
    the_auditor_holds_the_trail_and_the_report(night.city, number)


@pytest.mark.browser
def test_each_person_sees_their_page_of_the_night(night: Night, browser: Browser) -> None:
    up = night.city.up
    with signed_in(browser, up, "dataofficer") as page:
        assert shows(page, f"/approvals/{night.approval}", "G-2026-0063", "story-approval")
    with signed_in(browser, up, "analyst") as page:
        assert shows(page, "/", "受托方夜间越权调用共享接口", "alert-queue")
        assert shows(page, f"/incidents/{night.incident}", "数据流动违规", "story-incident")
        assert shows(page, f"/runs/{night.run}", "已完成")
    [notice] = night.city.get("analyst", "notices", incident=night.incident)["notices"]
    with signed_in(browser, up, "unituser") as page:
        assert shows(page, f"/notices/{notice['id']}", "ctr-wb03", "story-notice")
    assessment = the_system_is_assessed(night.city)
    with signed_in(browser, up, "auditor") as page:
        assert shows(page, f"/assessments/{SYSTEM}/{assessment}", "不符合", "story-assessment")


def the_night_is_noticed(city: City) -> tuple[dict[str, Any], dict[str, Any]]:
    """The alert that was answered, and its run; while the sample's night is under way it makes two."""

    def answered() -> tuple[dict[str, Any], dict[str, Any]] | None:
        found = city.get("analyst", "alerts", limit=200)["alerts"]
        wanted = [a for a in found if a["rule_id"] == NIGHT and a["entity"]["fengsui.data.resource"] == RESOURCE]
        runs = [(a, run) for a in wanted for run in city.get("analyst", "runs", alert=a["id"])["runs"]]
        assert len(runs) <= 1, "two runs would ask for the same approval"
        return runs[0] if runs and runs[0][1]["state"] == "waiting" else None

    alert, run = until(answered)
    assert alert["entity"]["gateway.account"] == "ctr-wb03"
    assert run["origin"] == "policy"
    return alert, run


def an_incident_stands_with_its_clocks(city: City, alert: dict[str, Any], run: dict[str, Any]) -> dict[str, Any]:
    incident: dict[str, Any] = city.get("analyst", f"incidents/{run['incident_id']}")
    assert incident["proposed_level"] in {1, 2, 3, 4}
    assert incident["level"] is None
    assert alert["id"] in city.get("analyst", f"incidents/{incident['id']}/alerts")["alert_ids"]
    everything_of_the_night_is_this_one(city, incident["id"])
    incident = city.get("analyst", f"incidents/{incident['id']}")
    assert (incident["unit_id"], incident["system_id"], incident["state"]) == (UNIT, SYSTEM, "analysis")
    clocks = {clock["clock"] for clock in city.get("analyst", f"incidents/{incident['id']}/clocks")}
    assert {"first_report", "rectify"} <= clocks
    decided = {"level": incident["proposed_level"], "reason": "证据充分"}
    assert city.post("analyst", f"incidents/{incident['id']}:decide-level", **decided)["level"] == decided["level"]
    city.post("analyst", f"incidents/{incident['id']}:assign", owner="analyst")
    return incident


def everything_of_the_night_is_this_one(city: City, incident_id: str) -> None:
    """Whichever rules found what the contractor's accounts did, and however their alerts name it."""
    about = {("fengsui.consumer.id", CONSUMER), ("gateway.account", ACCOUNT), ("fengsui.grant.id", GRANT)}

    def joined() -> bool:
        found = city.get("analyst", "alerts", limit=500)["alerts"]
        of_night = {a["id"] for a in found if a["level"] in LEVELS and about & set(a["entity"].items())}
        linked = set(city.get("analyst", f"incidents/{incident_id}/alerts")["alert_ids"])
        return len(of_night) > LEAST_ALERTS and of_night <= linked

    until(joined)
    incidents = city.get("analyst", "incidents")["incidents"]
    assert [each["id"] for each in incidents if each["class_code"] == "data_security"] == [incident_id]


def the_data_officer_approves_what_will_be_done(city: City, run: dict[str, Any]) -> str:
    [approval] = city.get("dataofficer", "approvals", mine=True)
    assert approval["run_id"] == run["id"]
    shown = {entry["kind"]: entry["payload"] for entry in approval["plan"]}
    assert list(shown) == ["fengsui-revoke-grant", "fengsui-webhook", "fengsui-send-notice"]
    assert shown["fengsui-revoke-grant"]["grants"] == [GRANT]
    assert shown["fengsui-send-notice"]["unit"] == UNIT
    assert city.get("dataofficer", f"registry/grants/{GRANT}")["state"] == "approved"
    path, seen = f"approvals/{approval['id']}:approve", {"plan_digest": approval["plan_digest"]}
    assert city.refused("analyst", path, **seen) == HTTPStatus.FORBIDDEN
    assert city.refused("unituser", path, **seen) == HTTPStatus.FORBIDDEN
    assert city.refused("dataofficer", path, plan_digest="0" * 64) == HTTPStatus.CONFLICT
    assert city.post("dataofficer", path, **seen)["state"] == "approved"
    return str(approval["id"])


def the_grant_is_revoked_and_the_gateway_told(city: City, alert: dict[str, Any], run: dict[str, Any]) -> None:
    ended = until(lambda: (found := city.get("analyst", f"runs/{run['id']}"))["ended"] and found)
    assert (ended["state"], ended["problem"]) == ("succeeded", None)
    assert [operation["state"] for operation in ended["operations"]] == ["done"] * 3
    assert city.get("dataofficer", f"registry/grants/{GRANT}")["state"] == "revoked"
    [delivery] = city.get("analyst", "webhooks/deliveries")["deliveries"]
    assert delivery["state"] == "delivered"
    data = city.folder / "data"
    [call] = [json.loads(line) for line in (data / "demo-gateway.ndjson").read_text(encoding="utf-8").splitlines()]
    assert json.loads(call["body"])["data"]["account"] == "ctr-wb03"
    assert json.loads(call["body"])["data"]["alert"] == alert["id"]
    assert_signed(call, (data / "demo-gateway.secret").read_text(encoding="ascii").strip())
    url = city.get("analyst", "webhooks/endpoints")[0]["url"]
    forged = {**call["headers"], "webhook-signature": "v1," + base64.b64encode(bytes(32)).decode()}
    assert httpx.post(url, content=call["body"].encode(), headers=forged).status_code == HTTPStatus.UNAUTHORIZED


def assert_signed(call: dict[str, Any], secret: str) -> None:
    """Standard Webhooks, computed apart from the product."""
    headers = call["headers"]
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.{call['body']}".encode()
    key = base64.b64decode(secret.removeprefix("whsec_"))
    wanted = "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert wanted in headers["webhook-signature"].split()


def the_next_flow_is_one_under_a_revoked_grant(city: City, project: Path) -> None:
    lines = (project / "samples/city/gateway-access.ndjson").read_text(encoding="utf-8").splitlines()
    call = next(found for found in map(json.loads, lines) if found.get("grant_id") == GRANT)
    call |= {"time": datetime.now(UTC).isoformat(), "request_id": "after-the-revocation"}
    text = json.dumps(call, ensure_ascii=False) + "\n"
    (city.folder / "live" / "gateway.ndjson").write_text(text, encoding="utf-8")
    query = "fengsui.source.name:gateway AND fengsui.grant.status:revoked"
    [event] = until(lambda: city.get("analyst", "events", q=query)["events"])
    assert (event["fengsui.grant.id"], event["fengsui.data.resource"]) == (GRANT, RESOURCE)


def the_unit_answers_and_another_verifies(city: City, incident: dict[str, Any]) -> None:
    elsewhere = city.post("analyst", "notices", unit_id="lh-gaj", title="Elsewhere", demand="Look into it")
    notices = city.get("unituser", "notices")["notices"]
    assert {notice["unit_id"] for notice in notices} == {UNIT}
    assert city.people["unituser"].get(f"/api/v1/notices/{elsewhere['id']}").status_code == HTTPStatus.NOT_FOUND
    assert city.people["unituser"].get(f"/api/v1/incidents/{incident['id']}").status_code == HTTPStatus.FORBIDDEN
    [notice] = [each for each in notices if each["incident_id"] == incident["id"]]
    path = f"notices/{notice['id']}"
    assert city.post("unituser", f"{path}:acknowledge")["state"] == "acknowledged"
    evidence = {"file": ("整改证据.txt", "已删除留存数据,账号已停用".encode())}
    attached = city.people["unituser"].post(f"/api/v1/{path}/attachments", files=evidence)
    assert attached.status_code == HTTPStatus.CREATED, attached.text
    answer = {"text": "已停用账号并删除留存数据", "attachment_ids": [attached.json()["id"]]}
    assert city.post("unituser", f"{path}:answer", **answer)["state"] == "answered"
    assert city.refused("unituser", f"{path}:verify", remark="好") == HTTPStatus.FORBIDDEN
    assert city.post("dataofficer", f"{path}:verify", remark="属实")["state"] == "verified"


def the_auditor_holds_the_trail_and_the_report(city: City, number: int) -> None:
    trail = city.get("auditor", "audit-records/verification")
    assert (trail["holds"], trail["problems"]) == (True, [])
    actions = {record["action"] for record in city.get("auditor", "audit-records", limit=500)["records"]}
    assert {"grant:revoke", "notice:verify", "approval:approved"} <= actions
    place = f"systems/{SYSTEM}/assessments/{the_system_is_assessed(city)}"
    checks = {check["check"]: check for check in city.get("auditor", f"{place}/evidence")}
    assert checks["ungranted_flows"]["judgment"] == "failed"
    ungranted = checks["ungranted_flows"]["evidence"][1]["count"]
    assert ungranted >= CALLS_OF_THE_NIGHT
    assert checks["incident_handling"]["evidence"][0]["count"] >= 1
    report = city.post("auditor", f"{place}/reports", format="docx")
    done = until(lambda: ended(city.get("auditor", f"{place}/reports/{report['id']}")))
    assert done["state"] == "done", done
    content = city.people["auditor"].get(f"/api/v1/{place}/reports/{report['id']}/content").content
    assert hashlib.new("sm3", content).hexdigest() == done["digest"]
    text = text_of(content)
    assert f"中发现 {ungranted} 条" in text
    assert f"incidents: system {SYSTEM}" in text
    assert f"numbers=#{number}" in text
    assert "自评" in text


def the_system_is_assessed(city: City) -> str:
    """The id of an assessment that is done."""
    asked = str(city.post("auditor", f"systems/{SYSTEM}/assessments")["id"])
    done = until(lambda: ended(city.get("auditor", f"systems/{SYSTEM}/assessments/{asked}")))
    assert done is not None
    assert done["state"] == "done", done
    return asked


def ended(document: dict[str, Any]) -> dict[str, Any] | None:
    return document if document["state"] in {"done", "failed"} else None


def text_of(content: bytes) -> str:
    document = docx.Document(BytesIO(content))
    cells = (cell.text for table in document.tables for row in table.rows for cell in row.cells)
    return "\n".join([*(paragraph.text for paragraph in document.paragraphs), *cells])
