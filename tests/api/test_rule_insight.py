"""Why a rule matches or not, what came of its alerts, and what the rules cover: over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import httpx
import pytest

if TYPE_CHECKING:
    from conftest import Site

SignedIn = Callable[..., httpx.Client]
SHELL = "11111111-aaaa-4bbb-8ccc-000000000001"
_EXPLAIN = f"/api/v1/rules/{SHELL}:explain"


def _event(client: httpx.Client, query: str) -> dict[str, Any]:
    found: dict[str, Any] = client.get("/api/v1/events", params={"q": query, "limit": 1}).json()["events"][0]
    return found


def _taken(explanation: dict[str, Any]) -> dict[str, Any]:
    return next(route for route in explanation["routes"] if route["taken"])


def test_explains_a_stored_event_and_one_that_is_handed_over(sign_in: SignedIn) -> None:
    client = sign_in()
    event = _event(client, "event.dataset:windows.sysmon")
    stored = client.post(_EXPLAIN, json={"event_id": event["event.id"]})
    assert stored.status_code == 200, stored.text
    assert stored.json()["matched"] is True
    shell, known = _taken(stored.json())["condition"]["parts"]
    comparison = shell["parts"][0]
    assert (comparison["field"], comparison["modifier"], comparison["pattern"]) == ("CommandLine", "contains", " -enc ")
    assert comparison["event_fields"] == ["process.command_line"]
    assert comparison["values"] == [event["process.command_line"]]
    assert (known["joint"], known["held"]) == ("not", True)
    given = client.post(_EXPLAIN, json={"event": {**event, "user": {"name": "deploy"}, "user.name": "deploy"}})
    assert given.json()["matched"] is False
    assert _taken(given.json())["condition"]["parts"][1]["held"] is False


def test_an_event_that_is_routed_elsewhere_says_so(sign_in: SignedIn) -> None:
    client = sign_in()
    event = _event(client, "event.dataset:nginx.access")
    explanation = client.post(_EXPLAIN, json={"event_id": event["event.id"]}).json()
    assert explanation["matched"] is False
    assert [route["taken"] for route in explanation["routes"]] == [False, False]
    assert explanation["routes"][0]["conditions"][0]["values"] == []


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        (_EXPLAIN, {}, 422, "invalid_parameters"),
        (_EXPLAIN, {"event": {}}, 422, "invalid_parameters"),
        (_EXPLAIN, {"event_id": "a", "event": {"b": 1}}, 422, "invalid_parameters"),
        (_EXPLAIN, {"event_id": "absent"}, 404, "event_not_found"),
        ("/api/v1/rules/absent:explain", {"event": {"a": 1}}, 404, "rule_not_found"),
    ],
)
def test_a_wrong_question_says_why(sign_in: SignedIn, path: str, body: object, status: int, code: str) -> None:
    answer = sign_in().post(path, json=body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_values_of_events_are_for_those_who_may_read_events(sign_in: SignedIn) -> None:
    answer = sign_in("auditor").post(_EXPLAIN, json={"event": {"a": 1}})
    assert (answer.status_code, answer.json()["code"]) == (403, "scope_missing")


def test_scorecards_count_what_came_of_the_alerts(site: Site, sign_in: SignedIn) -> None:
    client = sign_in()
    (alert_id, *_) = [alert["id"] for alert in client.get("/api/v1/alerts", params={"rule": SHELL}).json()["alerts"]]
    closed = client.post(f"/api/v1/alerts/{alert_id}:close", json={"disposition": "false_positive"})
    assert closed.status_code == 200, closed.text
    card = client.get(f"/api/v1/rules/{SHELL}/scorecard").json()
    assert (card["alerts"], card["events"], card["verdicts"]) == (2, 6, 1)
    assert card["dispositions"] == {"false_positive": 1}
    assert card["false_positive_share"] == 1.0
    assert (card["hint"], card["reason"]) == ("keep", "too_few_verdicts")
    assert {(each["name"], each["alerts"]) for each in card["noisy_entities"]} == {("user.name", 2), ("host.name", 1)}
    assert card["last_fired"].endswith("Z")
    listed = client.get("/api/v1/rule-scorecards").json()["scorecards"]
    assert len(listed) == 3
    assert next(each for each in listed if each["rule_id"] == SHELL)["alerts"] == 2
    assert len(site.alert_ids) >= len(listed)


def test_coverage_tells_seen_from_blind(sign_in: SignedIn) -> None:
    client = sign_in()
    coverage = client.get("/api/v1/coverage").json()
    assert coverage["tactics"] == ["execution", "credential-access"]
    states = {each["technique_id"]: each["state"] for each in coverage["techniques"]}
    assert states == {"T1059.001": "seen", "T1110": "blind"}
    shell = coverage["techniques"][0]
    assert shell["rules"][0]["events"] == 6
    assert shell["last_fired"] is not None
    layer = client.get("/api/v1/coverage/navigator-layer")
    assert "attachment" in layer.headers["content-disposition"]
    assert {each["techniqueID"]: each["score"] for each in layer.json()["techniques"]} == {
        "T1059.001": 100,
        "T1110": 50,
    }
