"""Alerts over the API: listed, filtered, paged, opened, triaged; each change in history and trail."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from audit import AuditFilter, Trust, list_records, verify_trail

if TYPE_CHECKING:
    from conftest import Site

SignedIn = Callable[..., httpx.Client]


def _ids(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [alert["id"] for alert in answer.json()["alerts"]]


def test_lists_the_most_severe_first(sign_in: SignedIn) -> None:
    alerts = sign_in().get("/api/v1/alerts").json()["alerts"]
    assert [alert["level"] for alert in alerts] == ["critical", "high", "high", "medium"]
    assert alerts[3]["count"] == 60
    assert alerts[3]["entity"] == {"host.name": "web-1", "user.name": "root", "source.ip": "203.0.113.9"}
    assert alerts[3]["last_seen"].endswith("Z")


@pytest.mark.parametrize(
    ("query", "levels"),
    [
        ({"level": "medium"}, ["medium"]),
        ({"level": ["medium", "critical"]}, ["critical", "medium"]),
        ({"entity": "203.0.113.9"}, ["medium"]),
        ({"entity": "user.name=zhang.wei"}, ["high", "high"]),
        ({"text": "personal data"}, ["critical"]),
        ({"state": "closed"}, []),
        ({"from": "now-1h"}, ["critical"]),
        ({"sort": "last_seen", "to": "now-110m"}, ["high", "high", "medium"]),
        ({"text": "", "entity": "", "level": ""}, ["critical", "high", "high", "medium"]),
    ],
)
def test_filters(sign_in: SignedIn, query: dict[str, Any], levels: list[str]) -> None:
    answer = sign_in().get("/api/v1/alerts", params=query)
    assert sorted(alert["level"] for alert in answer.json()["alerts"]) == sorted(levels)


def test_pages_give_every_alert_once(site: Site, sign_in: SignedIn) -> None:
    client, seen, cursor = sign_in(), [], None
    for _ in range(9):
        answer = client.get("/api/v1/alerts", params={"limit": 1} | ({"cursor": cursor} if cursor else {}))
        seen += _ids(answer)
        cursor = answer.json()["next_cursor"]
        if cursor is None:
            break
    assert sorted(seen) == sorted(site.alert_ids)


def test_a_cursor_serves_only_the_list_it_was_made_for(sign_in: SignedIn) -> None:
    client = sign_in()
    cursor = client.get("/api/v1/alerts", params={"limit": 1}).json()["next_cursor"]
    changed = cursor[:-2] + ("AA" if cursor[-2:] != "AA" else "BB")
    for query in ({"level": "high", "cursor": cursor}, {"cursor": changed}, {"cursor": "né"}):
        answer = client.get("/api/v1/alerts", params=query)
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid_cursor")


def test_events_of_an_alert_come_oldest_first_in_pages(site: Site, sign_in: SignedIn) -> None:
    client, alert_id, times, cursor = sign_in(), site.alert_ids[-1], [], None
    while True:
        query = {"limit": 25} | ({"cursor": cursor} if cursor else {})
        page = client.get(f"/api/v1/alerts/{alert_id}/events", params=query).json()
        times += [event["@timestamp"] for event in page["events"]]
        assert page["missing"] == []
        if (cursor := page["next_cursor"]) is None:
            break
    assert len(times) == 60
    assert times == sorted(times)


def test_triage_is_written_into_history_and_trail(site: Site, sign_in: SignedIn) -> None:
    client, alert_id = sign_in(), site.alert_ids[0]
    taken = client.post(f"/api/v1/alerts/{alert_id}:acknowledge", json={}).json()
    assert (taken["state"], taken["assignee"]) == ("acknowledged", "analyst")
    body = {"disposition": "true_positive", "comment": "合同人员越权"}
    closed = client.post(f"/api/v1/alerts/{alert_id}:close", json=body).json()
    assert (closed["state"], closed["disposition"]) == ("closed", "true_positive")
    assert client.post(f"/api/v1/alerts/{alert_id}:reopen", json={}).json()["disposition"] is None

    steps = client.get(f"/api/v1/alerts/{alert_id}/transitions").json()
    assert [step["to_state"] for step in steps] == ["acknowledged", "closed", "new"]
    assert steps[1]["reason"] == "合同人员越权"
    with site.records.read() as session:
        rows = list_records(session, AuditFilter(object_id=alert_id), 10)
        assert [row.action for row in rows] == ["alert:reopen", "alert:close", "alert:acknowledge"]
        assert rows[1].before == '{"assignee":"analyst","disposition":null,"state":"acknowledged"}'
        assert rows[1].actor_name == "analyst"
        assert rows[1].source_address == "127.0.0.1"
        assert verify_trail(session, Trust()).holds


@pytest.mark.parametrize(
    ("step", "body", "status", "code"),
    [
        ("close", {}, 422, "invalid_parameters"),
        ("close", {"disposition": "whatever"}, 422, "invalid_parameters"),
        ("reopen", {}, 409, "illegal_transition"),
        ("comment", {"comment": "  "}, 422, "invalid_step"),
        ("comment", {"comment": "x" * 4001}, 422, "invalid_step"),
    ],
)
def test_a_step_that_cannot_be_taken_changes_nothing(  # noqa: PLR0917 (parametrized)
    site: Site, sign_in: SignedIn, step: str, body: dict[str, str], status: int, code: str
) -> None:
    client, alert_id = sign_in(), site.alert_ids[0]
    answer = client.post(f"/api/v1/alerts/{alert_id}:{step}", json=body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert client.get(f"/api/v1/alerts/{alert_id}/transitions").json() == []
    with site.records.read() as session:
        assert list_records(session, AuditFilter(object_id=alert_id), 10) == []


def test_bulk_names_what_it_could_not_change(site: Site, sign_in: SignedIn) -> None:
    client = sign_in()
    body = {"alert_ids": [*site.alert_ids[:2], "missing"], "action": "close", "disposition": "benign"}
    result = client.post("/api/v1/alerts:bulk", json=body).json()
    assert result["changed"] == site.alert_ids[:2]
    assert list(result["failed"]) == ["missing"]
    assert _ids(client.get("/api/v1/alerts", params={"disposition": "benign"})) == site.alert_ids[:2]


def test_a_missing_alert_is_a_problem_document(sign_in: SignedIn) -> None:
    answer = sign_in().get("/api/v1/alerts/none")
    problem = answer.json()
    assert (answer.status_code, problem["code"], problem["status"]) == (404, "alert_not_found", 404)
    assert problem["request_id"] == answer.headers["x-request-id"]


def test_the_stream_tells_of_a_change(site: Site, sign_in: SignedIn) -> None:
    watcher, worker = sign_in(), sign_in("admin")
    seen: list[str] = []
    with watcher.stream("GET", "/api/v1/alerts/stream") as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        for line in answer.iter_lines():
            if line.startswith("data:"):
                seen.append(line)
                if len(seen) == 2:
                    break
                worker.post(f"/api/v1/alerts/{site.alert_ids[0]}:acknowledge", json={})
    assert '"new":4' in seen[0].replace(" ", "")
    assert '"acknowledged":1' in seen[1].replace(" ", "")
