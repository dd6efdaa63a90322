"""Indicators through the API and the console: who may, what is imported, what is told of the rest."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import httpx
import pytest

from audit import AuditFilter, list_records
from detection.alerts import Grouping, record_matches
from detection.intelligence import IndicatorWatch, SightingAlerts, load_intelligence_policy
from events import format_timestamp, now_ms

if TYPE_CHECKING:
    from conftest import Site

SignedIn = Callable[..., httpx.Client]
_LIST = b"203.0.113.9\nevil.example\nhttp://bad.example/<script>\nno value here\n"
_BUNDLE = {
    "type": "bundle",
    "objects": [
        {
            "type": "indicator",
            "id": "indicator--1",
            "pattern_type": "stix",
            "pattern": "[domain-name:value LIKE '%.example']",
        },
        {
            "type": "indicator",
            "id": "indicator--2",
            "pattern_type": "stix",
            "pattern": "[url:value='http://x.example/']",
        },
    ],
}


def _import(
    client: httpx.Client, content: bytes, form: str = "list", headers: dict[str, str] | None = None
) -> httpx.Response:
    parameters = {"format": form, "source": "city-cert"}
    return client.post("/api/v1/indicators:import", params=parameters, content=content, headers=headers)


def _listed(client: httpx.Client, **query: str | int) -> list[dict[str, object]]:
    answer = client.get("/api/v1/indicators", params=query)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, object]] = answer.json()["indicators"]
    return found


def test_a_raw_body_and_a_form_are_imported_alike(sign_in: SignedIn) -> None:
    client = sign_in()
    first = _import(client, _LIST).json()
    assert (first["added"], first["unchanged"]) == (3, 0)
    assert [problem["reference"] for problem in first["problems"]] == ["line 4"]
    parameters = {"format": "list", "source": "city-cert"}
    again = client.post("/api/v1/indicators:import", params=parameters, files={"file": ("feed.txt", _LIST)}).json()
    assert (again["added"], again["unchanged"]) == (0, 3)
    assert {each["value"] for each in _listed(client)} == {"203.0.113.9", "evil.example", "http://bad.example/<script>"}
    assert [each["value"] for each in _listed(client, type="domain")] == ["evil.example"]
    assert [each["value"] for each in _listed(client, text="EVIL")] == ["evil.example"]


def test_what_can_not_be_matched_is_named(sign_in: SignedIn) -> None:
    answer = _import(sign_in(), json.dumps(_BUNDLE).encode(), "stix").json()
    assert answer["added"] == 1
    [problem] = answer["problems"]
    assert problem["reference"] == "indicator--1"
    assert "LIKE" in problem["reason"]


def test_a_repeated_request_imports_once(sign_in: SignedIn) -> None:
    client, header = sign_in(), {"Idempotency-Key": "import-1"}
    first, second = _import(client, _LIST, headers=header), _import(client, _LIST, headers=header)
    assert (first.json(), second.headers["idempotent-replayed"]) == (second.json(), "true")


@pytest.mark.parametrize(
    ("content", "form", "status", "code"),
    [
        (b"{", "stix", 422, "invalid_indicators"),
        (b"x", "yara", 422, "invalid_parameters"),
        (b"\xff", "csv", 422, "invalid_indicators"),
    ],
)
def test_a_bad_document_is_a_problem(sign_in: SignedIn, content: bytes, form: str, status: int, code: str) -> None:
    client = sign_in()
    answer = _import(client, content, form)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert _listed(client) == []


def test_a_document_beyond_a_limit_says_what_of_it_was_imported(
    sign_in: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    policy = load_intelligence_policy()
    limits = policy.limits.model_copy(update={"indicators": 5})
    small = policy.model_copy(update={"import_batch": 2, "limits": limits})
    monkeypatch.setattr("detection.intelligence.reading.load_intelligence_policy", lambda: small)
    client = sign_in()
    answer = _import(client, b"".join(b"198.51.100.%d\n" % number for number in range(1, 7)))
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_indicators")
    assert "more than 5 indicators" in answer.json()["detail"]
    assert "4 indicators before were added" in answer.json()["detail"]
    assert len(_listed(client)) == 4


def test_more_than_a_small_request_is_taken(sign_in: SignedIn) -> None:
    feed = (
        b"\n".join(b"10.%d.%d.%d" % (n >> 16, n >> 8 & 255, n & 255) for n in range(2_000)) + b"\n#" + b"x" * (2 << 20)
    )
    assert _import(sign_in(), feed).json()["added"] == 2_000


def test_only_those_with_the_scope_may(sign_in: SignedIn) -> None:
    reader, nobody = sign_in("auditor"), sign_in("nobody")
    assert _listed(reader) == []
    assert _import(reader, _LIST).status_code == 403
    assert reader.post("/api/v1/indicators:retire", json={"ids": ["x"]}).status_code == 403
    assert nobody.get("/api/v1/indicators").status_code == 403
    assert "enctype" not in reader.get("/indicators").text
    assert reader.post("/indicators/import", data={"source": "x"}).status_code == 403


def test_pages_follow_a_signed_cursor(sign_in: SignedIn) -> None:
    client = sign_in()
    _import(client, b"\n".join(b"192.0.2.%d" % n for n in range(5)))
    seen, cursor = [], None
    while True:
        query = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        page = client.get("/api/v1/indicators", params=query).json()
        seen += [each["value"] for each in page["indicators"]]
        if (cursor := page["next_cursor"]) is None:
            break
        moved = client.get("/api/v1/indicators", params={"type": "ip", "cursor": cursor})
        assert moved.json()["code"] == "invalid_cursor"
    assert sorted(seen) == [f"192.0.2.{n}" for n in range(5)]


def test_retired_is_retired_and_on_record(site: Site, sign_in: SignedIn) -> None:
    client = sign_in()
    _import(client, _LIST)
    ids = [each["id"] for each in _listed(client, type="ip")]
    answer = client.post("/api/v1/indicators:retire", json={"ids": ids, "reason": "our own proxy"})
    assert answer.json() == {"retired": 1}
    assert [each["value"] for each in _listed(client, state="retired")] == ["203.0.113.9"]
    steps = client.get(f"/api/v1/indicators/{ids[0]}/transitions").json()
    assert [(step["to_state"], step["reason"]) for step in steps] == [
        ("active", "imported"),
        ("retired", "our own proxy"),
    ]
    missing = client.post("/api/v1/indicators:retire", json={"ids": ["missing"]})
    assert (missing.status_code, missing.json()["code"]) == (404, "indicator_not_found")
    with site.records.read() as session:
        [row] = list_records(session, AuditFilter(action="indicator:retire"), 9)
    assert (row.actor_name, row.reason) == ("analyst", "our own proxy")


def test_the_page_shows_indicators_with_their_alerts(site: Site, sign_in: SignedIn) -> None:
    client = sign_in()
    _import(client, _LIST)
    event = {
        "@timestamp": format_timestamp(now_ms()),
        "event.id": "e" * 32,
        "event.dataset": "zeek.conn",
        "source.ip": "203.0.113.9",
    }
    with site.records.begin() as session:
        sightings = IndicatorWatch(site.records).match([event])
        record_matches(session, SightingAlerts(Grouping()).updates(sightings), now_ms())
    page = client.get("/indicators").text
    assert page.count('name="indicator_id"') == 3
    assert "<script>" not in page.replace('<script src="', "")
    address = "/alerts?entity=threat.indicator.name%3D203.0.113.9&amp;state=new&amp;state=acknowledged&amp;state=closed"
    assert address in page
    alerts = client.get(address.replace("&amp;", "&")).text
    [alert_id] = re.findall(r'data-href="/alerts/(\w+)"', alerts)
    shown = client.get(f"/alerts/{alert_id}").text
    assert "city-cert (50)" in shown
    assert "ip: 203.0.113.9" in shown
    assert {each["value"]: each["alerts"] for each in _listed(client)}["203.0.113.9"] == 1
    assert client.get("/indicators?type=domain&state=&text=&source=").text.count('name="indicator_id"') == 1


def test_a_file_is_imported_through_the_page(sign_in: SignedIn) -> None:
    client = sign_in()
    token = client.get("/api/v1/sessions/me").json()["csrf_token"]
    fields = {"csrf_token": token, "format": "list", "source": "city-cert"}
    page = client.post("/indicators/import", data=fields, files={"file": ("feed.txt", _LIST)})
    assert (page.status_code, "新增 3 条" in page.text, "line 4" in page.text) == (200, True, True)
    broken = client.post("/indicators/import", data=fields | {"format": "stix"}, files={"file": ("x", b"{")})
    assert (broken.status_code, "no JSON" in broken.text) == (422, True)
    forged = client.post("/indicators/import", data=fields | {"csrf_token": "x"}, files={"file": ("feed.txt", _LIST)})
    assert forged.status_code == 403
    ids = [each["id"] for each in _listed(client)]
    form = {"csrf_token": token, "indicator_id": ids[:2], "reason": "noise"}
    moved = client.post("/indicators", data=form)
    assert (moved.status_code, len(_listed(client, state="retired"))) == (303, 2)
    assert "已停用 2 条情报" in client.get("/indicators").text
