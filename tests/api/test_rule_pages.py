"""The console on rules: why they match or not, what came of them, and what they cover."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest

SignedIn = Callable[..., httpx.Client]
SHELL = "11111111-aaaa-4bbb-8ccc-000000000001"
_INSIGHT = f"/rules/{SHELL}/insight"


def _event(client: httpx.Client, query: str) -> dict[str, Any]:
    found: dict[str, Any] = client.get("/api/v1/events", params={"q": query, "limit": 1}).json()["events"][0]
    return found


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("path", ["/coverage", _INSIGHT, "/explanations?event=abc&text=nothing"])
def test_every_page_renders_in_both_languages(sign_in: SignedIn, path: str, language: str) -> None:
    client = sign_in()
    client.cookies.set("fengsui_language", language)
    page = client.get(path)
    assert page.status_code == 200, page.text
    assert f'<html lang="{"zh-CN" if language == "zh" else "en"}"' in page.text
    assert 'aria-current="page"' in page.text


def test_a_rule_shows_its_own_text_and_its_scorecard(sign_in: SignedIn) -> None:
    client = sign_in()
    client.cookies.set("fengsui_language", "en")
    text = client.get(_INSIGHT).text
    assert "CommandLine|contains" in text
    assert "Repeated Failed SSH" not in text, "that stands in another document of the same file"
    assert "Too few alerts have been closed" in text
    assert re.search(r"Entities with most alerts.*user\.name zhang\.wei", text, re.DOTALL)


def test_an_event_leads_to_its_explanation(sign_in: SignedIn) -> None:
    client = sign_in()
    client.cookies.set("fengsui_language", "en")
    event = _event(client, "event.dataset:windows.sysmon")
    fields = client.get(f"/events/{event['event.id']}").text
    assert 'action="/explanations"' in fields
    (at,) = re.findall(r'name="at" value="(\d+)"', fields)
    answer = client.get("/explanations", params={"event": event["event.id"], "at": at, "text": "encoded powershell"})
    assert answer.status_code == 303
    assert answer.headers["location"].startswith(_INSIGHT)
    shown = client.get(answer.headers["location"]).text
    assert "The rule matches this event." in shown
    assert "process.command_line" in shown
    assert event["process.command_line"] in shown


def test_several_rules_are_a_choice_and_the_explanation_says_why_not(sign_in: SignedIn) -> None:
    client = sign_in()
    client.cookies.set("fengsui_language", "en")
    event = _event(client, "event.dataset:nginx.access")
    choice = client.get("/explanations", params={"event": event["event.id"], "text": "11111111-aaaa"}).text
    links = re.findall(r'href="(/rules/[^"]+)"', choice)
    assert len(links) == 3, "the rule that can't be evaluated is no choice"
    shown = client.get(links[0].replace("&amp;", "&")).text
    assert "does not match this event" in shown
    assert "The event is of another kind" in shown


def test_an_event_that_is_gone_and_a_rule_that_is_none(sign_in: SignedIn) -> None:
    client = sign_in()
    client.cookies.set("fengsui_language", "en")
    assert "holds no event of this id" in client.get(_INSIGHT, params={"event": "0" * 32}).text
    assert client.get("/rules/absent/insight").status_code == 404


def test_who_may_not_read_events_sees_no_values_of_theirs(sign_in: SignedIn) -> None:
    event = _event(sign_in(), "event.dataset:windows.sysmon")
    shown = sign_in("auditor").get(_INSIGHT, params={"event": event["event.id"]}).text
    assert "CommandLine|contains" in shown
    assert str(event["process.command_line"]) not in shown
    assert sign_in("auditor").get("/explanations?event=a&text=b").status_code == 403


def test_the_matrix_tells_seen_from_blind(sign_in: SignedIn) -> None:
    client = sign_in()
    client.cookies.set("fengsui_language", "en")
    text = client.get("/coverage").text
    assert re.search(r'cover-seen"><span class="mono">T1059\.001', text)
    assert re.search(r'cover-blind"><span class="mono">T1110', text)
    assert "Credential access" in text
    client.cookies.set("fengsui_language", "zh")
    assert "凭据访问" in client.get("/coverage").text
