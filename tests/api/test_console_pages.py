"""The console's pages without a browser: what they show, escape, and remember."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from api.console.translation import catalog
from audit import AuditFilter, list_records
from detection.alerts import AlertUpdate, record_matches

if TYPE_CHECKING:
    from conftest import Site

SignedIn = Callable[..., httpx.Client]
_HOSTILE = "<script>alert(1)</script>{{7*7}}\"'"


def _form(client: httpx.Client, path: str, **fields: object) -> httpx.Response:
    token = client.get("/api/v1/sessions/me").json()["csrf_token"]
    return client.post(path, data={"csrf_token": token} | fields)


@pytest.mark.parametrize(
    "path",
    ["/alerts", "/search", "/dead-letters", "/sources", "/rules", "/indicators", "/api-keys", "/alerts?state=closed"],
)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_page_renders_in_both_languages(sign_in: SignedIn, path: str, language: str) -> None:
    client = sign_in("admin")
    client.cookies.set("fengsui_language", language)
    page = client.get(path)
    assert page.status_code == 200
    assert f'<html lang="{"zh-CN" if language == "zh" else "en"}"' in page.text
    assert 'aria-current="page"' in page.text


def test_what_an_attacker_wrote_stays_text(site: Site, sign_in: SignedIn) -> None:
    update = AlertUpdate(
        "f" * 32,
        _HOSTILE,
        _HOSTILE,
        "high",
        3,
        [_HOSTILE],
        [_HOSTILE],
        _HOSTILE,
        {_HOSTILE: _HOSTILE},
        [{"selection": _HOSTILE, "field": _HOSTILE, "event_field": _HOSTILE, "value": _HOSTILE}],
        [("e" * 32, 1_700_000_000_000)],
    )
    with site.records.begin() as session:
        record_matches(session, [update], 1_700_000_000_000)
    client = sign_in()
    for path in ("/alerts", f"/alerts/{update.alert_id}", f"/search?q={_HOSTILE}", f"/rules?text={_HOSTILE}"):
        text = client.get(path).text
        assert "<script>alert" not in text
        assert "49" not in re.findall(r"alert\(1\)&lt;/script&gt;(\d+)", text)


def test_the_queue_shows_what_is_open_until_told_otherwise(site: Site, sign_in: SignedIn) -> None:
    client = sign_in()
    back = "/alerts?level=critical"
    answer = _form(
        client, "/alerts", alert_id=site.alert_ids[:2], action="close", disposition="benign", comment="演练", back=back
    )
    assert (answer.status_code, answer.headers["location"]) == (303, back)
    assert "已处理 2 条告警" in client.get("/alerts").text
    shown = client.get("/alerts").text
    assert "已处理" not in shown
    assert shown.count("data-href=") == 2
    assert client.get("/alerts?state=closed").text.count("data-href=") == 2


@pytest.mark.parametrize(
    "fields", [{"action": "close"}, {"action": "explode"}, {"action": "close", "disposition": "x"}]
)
def test_an_incomplete_step_changes_nothing(site: Site, sign_in: SignedIn, fields: dict[str, str]) -> None:
    client = sign_in()
    answer = _form(client, f"/alerts/{site.alert_ids[0]}", **fields)
    assert answer.status_code == 422
    assert "操作不完整" in answer.text
    assert client.get(f"/api/v1/alerts/{site.alert_ids[0]}").json()["state"] == "new"


def test_a_wrong_query_is_answered_in_place(sign_in: SignedIn) -> None:
    page = sign_in().get("/search", params={"q": "host.name:("})
    assert page.status_code == 400
    assert 'value="host.name:("' in page.text
    assert "检索语句在应有取值处结束了" in page.text
    assert "at character 12" in page.text


def test_a_pivot_survives_any_value(site: Site, sign_in: SignedIn) -> None:
    client = sign_in()
    value = 'GET /index.html?n=3 "200"'
    found = client.get("/api/v1/events", params={"q": "event.dataset:nginx.access", "limit": 100}).json()["events"]
    event = next(each for each in found if each["message"] == value)
    fragment = client.get(f"/events/{event['event.id']}").text
    address = re.search(r'href="(/search\?q=source\.ip[^"]+)"', fragment)
    assert address is not None
    assert "<b>1</b>" in client.get(address[1].replace("&amp;", "&") + "&from=").text
    assert site.events is not None


def test_a_pages_own_refresh_is_no_search_of_its_reader(site: Site, sign_in: SignedIn) -> None:
    client = sign_in()
    client.get("/search", headers={"Fengsui-Passive": "1"})
    client.get("/search?q=root")
    with site.records.read() as session:
        rows = list_records(session, AuditFilter(action="event:search"), 9)
    assert ['"query":"root"' in (row.after or "") for row in rows] == [True]


def test_a_dead_letter_is_shown_as_text_and_bytes_and_the_look_is_recorded(site: Site, sign_in: SignedIn) -> None:
    client = sign_in("admin")
    letters = client.get("/api/v1/dead-letters").json()["dead_letters"]
    pages = [client.get(f"/dead-letters/{letter['id']}").text for letter in letters]
    assert any("主机无时间" in page for page in pages)
    assert all("<script>alert" not in page for page in pages)
    assert any("00000000  00 01 67 61" in page for page in pages)
    with site.records.read() as session:
        assert len(list_records(session, AuditFilter(action="dead-letter:read"), 9)) == 3


def test_a_key_is_shown_once(sign_in: SignedIn) -> None:
    client = sign_in("admin")
    made = _form(client, "/api-keys", name="hook", scope=["alerts:read"], days="30").text
    secret = re.search(r"fsk_[0-9a-f]{12}_[\w-]{43}", made)
    assert secret is not None
    assert secret[0] not in client.get("/api-keys").text
    assert "You can&#39;t give" in _form(client, "/api-keys", name="x", scope=["audit:read"]).text


def test_signing_out_ends_the_session(sign_in: SignedIn) -> None:
    client = sign_in()
    cookies = dict(client.cookies)
    assert _form(client, "/sign-out").headers["location"] == "/sign-in"
    client.cookies.update(cookies)
    assert client.get("/alerts").status_code == 303


def test_a_form_sent_after_the_session_leads_back_to_its_page(site: Site) -> None:
    with site.client() as stranger:
        sent = stranger.post("/alerts/x", headers={"Referer": f"{site.url}/incidents/new?alert=x"})
        foreign = stranger.post("/alerts/x", headers={"Referer": "https://elsewhere.example//evil.example"})
        led = stranger.get(foreign.headers["location"])
    assert sent.headers["location"] == "/sign-in?next=%2Fincidents%2Fnew%3Falert%3Dx"
    assert "//evil.example" not in led.text


def test_a_page_that_is_not_there_says_so(sign_in: SignedIn) -> None:
    page = sign_in().get("/nowhere")
    assert page.status_code == 404
    assert "没有这个页面" in page.text
    assert "<title>没有这个页面 · " in page.text


def test_every_code_of_a_problem_has_its_words(project: Path) -> None:
    source = "\n".join(file.read_text("utf-8") for file in (project / "api").rglob("*.py"))
    codes = set(re.findall(r'HTTPStatus\.[A-Z_]+,\s*"([a-z_]+)"', source))
    codes |= {f"{kind}_not_found" for kind in re.findall(r'not_found\(\s*"([a-z_]+)"', source)}
    assert len(codes) > 80
    assert [code for code in codes if f"problem.{code}" not in catalog("zh").messages] == []


def test_a_rule_written_in_two_languages_is_shown_in_the_readers(site: Site, sign_in: SignedIn) -> None:
    title = "停止审计 / Audit stopped"
    update = AlertUpdate("e" * 32, "rule-1", title, "high", 1, [], [], "d", {"host.name": "h&1"}, [], [("e" * 32, 1)])
    with site.records.begin() as session:
        record_matches(session, [update], 1)
    client = sign_in()
    for language, half, other in (("zh", "停止审计", "Audit stopped"), ("en", "Audit stopped", "停止审计")):
        client.cookies.set("fengsui_language", language)
        for path in ("/alerts", f"/alerts/{update.alert_id}", f"/incidents/new?alert={update.alert_id}"):
            text = client.get(path).text
            assert half in text, path
            assert other not in text, path
    alert = client.get(f"/alerts/{update.alert_id}").text
    assert 'href="/alerts?entity=host.name%3Dh%261&amp;state=new' in alert
    assert 'href="/search?q=host.name%3A%22h%261%22&amp;from=1970' in alert
