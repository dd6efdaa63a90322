"""Search, aggregation, dead letters, sources, keys, accounts and the trail over the API."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import TYPE_CHECKING

import httpx
import pytest
from sqlalchemy import text

from audit import AuditFilter, list_records

if TYPE_CHECKING:
    from conftest import Site

SignedIn = Callable[..., httpx.Client]


def test_searches_page_by_page_without_loss(sign_in: SignedIn) -> None:
    client, seen, cursor = sign_in(), [], None
    while True:
        query = {"q": "user.name:root", "limit": 25, "from": "now-1d"} | ({"cursor": cursor} if cursor else {})
        page = client.get("/api/v1/events", params=query).json()
        assert page["total"] == 60
        seen += [event["event.id"] for event in page["events"]]
        if (cursor := page["next_cursor"]) is None:
            break
    assert len(seen) == len(set(seen)) == 60


def test_a_search_is_recorded_with_its_query_and_not_its_results(site: Site, sign_in: SignedIn) -> None:
    sign_in().get("/api/v1/events", params={"q": "user.name:contractor-7"})
    with site.records.read() as session:
        [row] = list_records(session, AuditFilter(action="event:search"), 9)
    assert row.actor_name == "analyst"
    assert "user.name:contractor-7" in (row.after or "")
    assert "residents" not in (row.after or "")


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"q": "a AND ("}, "invalid_query"),
        ({"q": "source.port:[a TO b]"}, "invalid_query"),
        ({"cursor": "abc"}, "invalid_cursor"),
        ({"from": "yesterday"}, "invalid_time"),
        ({"from": "now-1h", "to": "now-2h"}, "invalid_time"),
    ],
)
def test_a_bad_search_says_what_is_wrong(sign_in: SignedIn, query: dict[str, str], code: str) -> None:
    answer = sign_in().get("/api/v1/events", params=query)
    assert answer.status_code in {400, 422}
    assert answer.json()["code"] == code


def test_aggregates_in_elasticsearchs_form(sign_in: SignedIn) -> None:
    body = {"q": "event.outcome:failure", "aggregations": {"by_user": {"terms": {"field": "user.name"}}}}
    answer = sign_in().post("/api/v1/events:aggregate", json=body).json()
    assert [(b["key"], b["doc_count"]) for b in answer["by_user"]["buckets"]] == [("root", 60)]


def test_an_event_is_read_in_full(site: Site, sign_in: SignedIn) -> None:
    client = sign_in()
    found = client.get(f"/api/v1/alerts/{site.alert_ids[0]}/events").json()["events"][0]
    assert client.get(f"/api/v1/events/{found['event.id']}").json() == found
    assert client.get("/api/v1/events/none").json()["code"] == "event_not_found"


def test_dead_letters_are_listed_read_and_asked_to_be_replayed(site: Site, sign_in: SignedIn) -> None:
    client = sign_in("admin")
    first = client.get("/api/v1/dead-letters", params={"limit": 2}).json()
    second = client.get("/api/v1/dead-letters", params={"limit": 2, "cursor": first["next_cursor"]}).json()
    letters = first["dead_letters"] + second["dead_letters"]
    assert len({letter["id"] for letter in letters}) == 3
    no_time = client.get("/api/v1/dead-letters", params={"reason": "no_time"}).json()["dead_letters"][0]
    detail = client.get(f"/api/v1/dead-letters/{no_time['id']}").json()
    assert base64.b64decode(detail["raw"]).decode("gb18030") == "主机无时间"
    body = {"ids": [no_time["id"], "none"], "format": "nginx"}
    refused = client.post("/api/v1/dead-letters:replay", json={**body, "format": "klingon"})
    assert (refused.status_code, refused.json()["code"]) == (422, "unknown_format")
    assert client.post("/api/v1/dead-letters:replay", json=body).json() == {"requested": 1}
    asked = client.get("/api/v1/dead-letters", params={"state": "requested"}).json()["dead_letters"]
    assert [(letter["id"], letter["format"]) for letter in asked] == [(no_time["id"], "nginx")]
    with site.records.read() as session:
        assert [row.action for row in list_records(session, AuditFilter(object_kind="dead-letter"), 9)] == [
            "dead-letter:replay",
            "dead-letter:read",
        ]


def test_discarded_letters_stay_readable(sign_in: SignedIn) -> None:
    client = sign_in("admin")
    ids = [letter["id"] for letter in client.get("/api/v1/dead-letters").json()["dead_letters"]]
    assert client.post("/api/v1/dead-letters:discard", json={"ids": ids[:2]}).json() == {"discarded": 2}
    counts = client.get("/api/v1/dead-letters/counts").json()
    assert sum(each["count"] for each in counts if each["state"] == "discarded") == 2
    assert client.get(f"/api/v1/dead-letters/{ids[0]}").json()["state"] == "discarded"


def test_sources_and_rules_are_listed(sign_in: SignedIn) -> None:
    client = sign_in()
    sources = {each["source"]: each for each in client.get("/api/v1/sources").json()}
    assert sources["city-hosts"]["events"] == 137
    assert sources["city-firewall"]["dead_letters"] == 3
    assert "refused" in sources["city-mail"]["last_error"]
    rules = client.get("/api/v1/rules").json()["rules"]
    assert [rule["title"] for rule in rules if rule["problem"]] == ["Broken Rule"]


def test_a_key_does_what_its_scopes_allow_until_it_is_revoked(site: Site, sign_in: SignedIn) -> None:
    owner = sign_in("admin")
    made = owner.post("/api/v1/api-keys", json={"name": "ticket hook", "scopes": ["alerts:read"]}).json()
    with site.client() as program:
        program.headers["Authorization"] = f"Bearer {made['secret']}"
        assert program.get("/api/v1/alerts").status_code == 200
        assert program.get("/api/v1/events").status_code == 403
        assert program.post(f"/api/v1/alerts/{site.alert_ids[0]}:acknowledge", json={}).status_code == 403
        assert owner.delete(f"/api/v1/api-keys/{made['key']['id']}").status_code == 204
        assert program.get("/api/v1/alerts").status_code == 401
    assert made["secret"] not in owner.get("/api/v1/api-keys").text
    with site.records.read() as session:
        rows = list_records(session, AuditFilter(object_kind="api-key"), 9)
    assert [(row.action, row.source_address) for row in rows] == [
        ("api-key:revoke", "127.0.0.1"),
        ("api-key:create", "127.0.0.1"),
    ]


def test_nobody_revokes_the_key_of_another(sign_in: SignedIn) -> None:
    made = sign_in("admin").post("/api/v1/api-keys", json={"name": "mine", "scopes": ["alerts:read"]}).json()
    body = {"name": "other.admin", "password": "another good one", "roles": ["system_administrator"]}
    sign_in("admin").post("/api/v1/users", json=body)
    other = sign_in("other.admin", "another good one")
    assert other.delete(f"/api/v1/api-keys/{made['key']['id']}").json()["code"] == "api_key_not_found"


def test_nobody_gives_a_key_what_they_do_not_hold(sign_in: SignedIn) -> None:
    client = sign_in("admin")
    body = {"name": "too much", "scopes": ["alerts:read", "audit:read"]}
    assert client.post("/api/v1/api-keys", json=body).json()["code"] == "invalid_api_key"


def test_accounts_are_made_and_closed_with_their_sessions(sign_in: SignedIn, site: Site) -> None:
    admin = sign_in("admin")
    body = {"name": "Li.Lei", "password": "another good one", "roles": ["analyst"]}
    made = admin.post("/api/v1/users", json=body).json()
    with site.client() as client:
        client.post("/api/v1/sessions", json={"name": "LI.LEI", "password": "another good one"})
        assert client.get("/api/v1/alerts").status_code == 200
        assert admin.post(f"/api/v1/users/{made['id']}:disable").json()["disabled"] is True
        assert client.get("/api/v1/alerts").status_code == 401


@pytest.mark.parametrize(
    "change",
    [
        {"name": "admin"},
        {"name": "  "},
        {"password": "short"},
        {"roles": ["wizard"]},
        {"roles": ["system_administrator", "audit_administrator"]},
    ],
)
def test_an_account_that_may_not_be_is_refused(sign_in: SignedIn, change: dict[str, object]) -> None:
    body = {"name": "new.one", "password": "another good one", "roles": ["analyst"]} | change
    assert sign_in("admin").post("/api/v1/users", json=body).json()["code"] == "invalid_account"


def test_the_trail_is_read_and_verified(site: Site, sign_in: SignedIn) -> None:
    sign_in().post(f"/api/v1/alerts/{site.alert_ids[0]}:acknowledge", json={})
    auditor = sign_in("auditor")
    page = auditor.get("/api/v1/audit-records", params={"limit": 2}).json()
    rest = auditor.get("/api/v1/audit-records", params={"limit": 2, "cursor": page["next_cursor"]}).json()
    numbers = [each["sequence"] for each in page["records"] + rest["records"]]
    assert numbers == list(range(numbers[0], numbers[0] - 4, -1))
    [taken] = auditor.get("/api/v1/audit-records", params={"action": "alert:acknowledge"}).json()["records"]
    assert taken["after"] == {"assignee": "analyst", "disposition": None, "state": "acknowledged"}
    verdict = auditor.get("/api/v1/audit-records/verification").json()
    assert (verdict["holds"], verdict["first_bad_sequence"], verdict["problems"]) == (True, None, [])
    assert verdict["records"] == verdict["unanchored"] > 0


def test_reading_an_event_and_searching_are_recorded_without_what_identifies_people(
    site: Site, sign_in: SignedIn
) -> None:
    analyst, auditor = sign_in(), sign_in("auditor")
    event = analyst.get("/api/v1/events", params={"q": "message:11010519491231002X OR host.name:*"}).json()["events"][0]
    assert analyst.get(f"/api/v1/events/{event['event.id']}").status_code == 200
    analyst.get(f"/events/{event['event.id']}")
    records = auditor.get("/api/v1/audit-records", params={"actor_name": "analyst"}).json()["records"]
    read = [each["object"]["id"] for each in records if each["action"] == "event:read"]
    assert read == [event["event.id"]] * 2
    [searched] = [each["after"]["query"] for each in records if each["action"] == "event:search"]
    assert "11010519491231002X" not in searched
    assert searched.endswith("OR host.name:*")
    with site.records.begin() as session:
        session.execute(text("DROP TABLE audit_records"))
    assert analyst.get(f"/api/v1/events/{event['event.id']}").status_code == 500
