"""Exceptions over the API: tried on the past, saved with reason and end, approved, withdrawn."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import yaml

from detection.lifecycle import RuleState, state_changes
from detection.tuning import WithheldBy, live_exceptions, record_withheld
from detection.tuning.matching import Withheld
from events import now_ms

if TYPE_CHECKING:
    from conftest import Site

SignedIn = Callable[..., httpx.Client]
RULE = "11111111-aaaa-4bbb-8ccc-000000000001"
HOST = [{"field": "host.name", "value": "WIN-0"}]


def _new(**options: Any) -> dict[str, Any]:  # noqa: ANN401 (any field)
    return {"rule_id": RULE, "fields": HOST, "reason": "software distribution", "days": 30, **options}


def _close_as_true_positive(client: httpx.Client) -> str:
    alerts = client.get("/api/v1/alerts", params={"rule": RULE}).json()["alerts"]
    alert_id: str = next(each["id"] for each in alerts if each["entity"]["host.name"] == "win-0")
    client.post(f"/api/v1/alerts/{alert_id}:close", json={"disposition": "true_positive"})
    return alert_id


def test_a_back_test_says_what_would_have_been_removed_and_saves_nothing(sign_in: SignedIn) -> None:
    client = sign_in()
    alert_id = _close_as_true_positive(client)
    answer = client.post("/api/v1/exceptions:backtest", json={"rule_id": RULE, "fields": HOST, "days": 2}).json()
    found = answer["backtest"]
    assert (found["matches"], found["removed"], found["missing"]) == (6, 3, 0)
    assert (found["true_positives"], found["removed_by_disposition"]) == ([alert_id], {"true_positive": 3})
    assert (found["store"]["events"], found["store"]["matches"], found["store"]["removed"]) == (137, 6, 3)
    assert yaml.safe_load(answer["sigma"])["filter"]["selection"] == {"host.name": "WIN-0"}
    assert client.get("/api/v1/exceptions").json() == []


def test_an_exception_is_saved_approved_and_withdrawn(site: Site, sign_in: SignedIn) -> None:
    client = sign_in()
    created = client.post("/api/v1/exceptions", json=_new())
    assert created.status_code == 201, created.text
    made = created.json()
    address = f"/api/v1/exceptions/{made['id']}"
    assert (made["state"], made["owner"], made["approved"], made["backtest"]["removed"]) == (
        "proposed",
        "analyst",
        None,
        3,
    )
    with site.records.read() as session:
        assert live_exceptions(session) == []
    assert client.post(f"{address}:approve").json()["state"] == "active"
    assert client.post(f"{address}:approve").json()["code"] == "tuning_conflict"
    with site.records.read() as session:
        [live] = live_exceptions(session)
        assert (live.id, live.rule_id) == (made["id"], RULE)
    assert client.post(f"{address}:withdraw", json={"reason": ""}).json()["code"] == "invalid_tuning"
    assert client.post(f"{address}:withdraw", json={"reason": "moved"}).json()["state"] == "withdrawn"
    steps = [(each["to_state"], each["reason"]) for each in client.get(address).json()["transitions"]]
    assert steps == [("proposed", "software distribution"), ("active", None), ("withdrawn", "moved")]
    trail = sign_in("auditor").get("/api/v1/audit-records", params={"object_kind": "exception"}).json()
    assert {each["action"] for each in trail["records"]} >= {"exception:propose", "exception:approve"}


def test_hiding_true_positives_needs_a_word(sign_in: SignedIn) -> None:
    client = sign_in()
    _close_as_true_positive(client)
    refused = client.post("/api/v1/exceptions", json=_new())
    assert (refused.status_code, refused.json()["code"]) == (409, "true_positives_removed")
    assert "1 alerts" in refused.json()["detail"]
    assert client.get("/api/v1/exceptions").json() == []
    assert client.post("/api/v1/exceptions", json=_new(confirm_true_positives=True)).status_code == 201


def test_the_same_key_saves_once(sign_in: SignedIn) -> None:
    client = sign_in()
    headers = {"Idempotency-Key": "again"}
    first = client.post("/api/v1/exceptions", json=_new(), headers=headers)
    second = client.post("/api/v1/exceptions", json=_new(), headers=headers)
    assert (first.status_code, second.status_code, first.json()) == (201, 201, second.json())
    assert len(client.get("/api/v1/exceptions").json()) == 1


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"reason": " "}, 422, "invalid_tuning"),
        ({"days": 0}, 422, "invalid_tuning"),
        ({"days": 366}, 422, "invalid_tuning"),
        ({"fields": []}, 422, "invalid_tuning"),
        ({"fields": [{"field": "a|re", "value": ".*"}]}, 422, "invalid_tuning"),
        ({"fields": [{"field": "a", "value": "x", "comparison": "re"}]}, 422, "invalid_parameters"),
        ({"rule_id": "none"}, 404, "rule_not_found"),
    ],
)
def test_what_is_missing_or_beyond_policy_is_refused(
    sign_in: SignedIn, change: dict[str, Any], status: int, code: str
) -> None:
    answer = sign_in().post("/api/v1/exceptions", json=_new(**change))
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_what_was_withheld_is_counted_and_sampled(site: Site, sign_in: SignedIn) -> None:
    client = sign_in()
    made = client.post("/api/v1/exceptions", json=_new(activate=True)).json()
    withheld = [Withheld(WithheldBy.EXCEPTION, made["id"], RULE, f"{n:032x}", now_ms() - n) for n in range(25)]
    for _ in range(2):
        with site.records.begin() as session:
            record_withheld(session, withheld)
    detail = client.get(f"/api/v1/exceptions/{made['id']}").json()
    assert (detail["state"], detail["withheld"], len(detail["sample"])) == ("active", 25, 20)
    assert detail["sample"][0] == f"{0:032x}"
    assert [each["withheld"] for each in client.get("/api/v1/exceptions", params={"state": "active"}).json()] == [25]
    assert client.get("/api/v1/exceptions", params={"state": "expired"}).json() == []


def test_a_silence_takes_no_alert_that_was_there_and_ends(sign_in: SignedIn) -> None:
    client = sign_in()
    body = {"rules": [RULE], "ends": "2199-01-01T00:00:00Z", "reason": "maintenance"}
    assert client.post("/api/v1/silences", json=body).json()["code"] == "invalid_tuning"
    assert client.post("/api/v1/silences", json=body | {"ends": "soon"}).json()["code"] == "invalid_time"
    ends = client.get("/api/v1/alerts").json()["alerts"][0]["created"][:4]
    body |= {"starts": f"{int(ends) + 1}-01-01T00:00:00Z", "ends": f"{int(ends) + 1}-01-02T00:00:00Z"}
    made = client.post("/api/v1/silences", json=body)
    assert made.status_code == 201, made.text
    assert [each["id"] for each in client.get("/api/v1/silences").json()] == [made.json()["id"]]
    assert len(client.get("/api/v1/alerts").json()["alerts"]) == 4
    assert client.get("/api/v1/alerts", params={"silenced": "only"}).json()["alerts"] == []
    address = f"/api/v1/silences/{made.json()['id']}:end"
    assert client.post(address).json()["ended_by"] == "analyst"
    assert client.post(address).json()["code"] == "tuning_conflict"
    assert client.get("/api/v1/silences").json() == []
    assert len(client.get("/api/v1/silences", params={"ended": True}).json()) == 1


def test_a_rule_is_switched_with_a_reason_and_its_history_kept(site: Site, sign_in: SignedIn) -> None:
    client = sign_in()
    address = f"/api/v1/rules/{RULE}"
    assert (client.get(address).json()["state"], client.get(address).json()["default_state"]) == ("on", "on")
    assert client.post(f"{address}:switch", json={"state": "on", "reason": "x"}).json()["code"] == "invalid_rule_switch"
    assert (
        client.post(f"{address}:switch", json={"state": "test", "reason": ""}).json()["code"] == "invalid_rule_switch"
    )
    switched = client.post(f"{address}:switch", json={"state": "test", "reason": "too noisy"}).json()
    assert (switched["state"], switched["default_state"]) == ("test", "on")
    assert [(each["to_state"], each["actor"]) for each in switched["changes"]] == [("test", "analyst")]
    lives = {each["rule"]["id"]: each["state"] for each in client.get("/api/v1/rules/lives").json()}
    assert lives[RULE] == "test"
    assert client.get("/api/v1/rules/none").json()["code"] == "rule_not_found"
    assert sign_in("auditor").post(f"{address}:switch", json={"state": "on", "reason": "x"}).status_code == 403
    with site.records.read() as session:
        assert [each.to_state for each in state_changes(session, RULE)] == [RuleState.TEST]


def test_the_pages_lead_from_an_alert_to_an_exception(site: Site, sign_in: SignedIn) -> None:
    client = sign_in()
    alert_id = site.alert_ids[1]
    assert f"/exceptions/new?alert={alert_id}" in client.get(f"/alerts/{alert_id}").text
    page = client.get("/exceptions/new", params={"alert": alert_id})
    assert page.status_code == 200
    assert "process.command_line" in page.text
    for path in ("/exceptions", f"/silences?alert={alert_id}", f"/rules/{RULE}", "/rules?state=on"):
        assert client.get(path).status_code == 200, path
    token = client.headers["X-CSRF-Token"]
    form = {"csrf_token": token, "rules": RULE, "ends": "2020-01-01T00:00", "reason": "x"}
    assert client.post("/silences", data=form).status_code == 422
