"""Threat intelligence stands among the rules: listed, counted, not switched."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import httpx

from detection.alerts import AlertUpdate, record_matches
from detection.intelligence import IndicatorType, rule_id_of
from events import now_ms
from fengsui.intelligence_rules import intelligence_rules

if TYPE_CHECKING:
    from conftest import Site


def test_intelligence_is_listed_with_its_alerts_and_not_switched(
    site: Site, sign_in: Callable[..., httpx.Client]
) -> None:
    assert site.application is not None
    state = site.application.state
    state.dependencies = replace(state.dependencies, rules=intelligence_rules)
    rule_id = rule_id_of(IndicatorType.DOMAIN)
    with site.records.begin() as session:
        record_matches(session, [_update(rule_id, n) for n in range(3)], now_ms())
    client = sign_in()
    client.cookies.set("fengsui_language", "en")

    lives = {each["rule"]["id"]: each for each in client.get("/api/v1/rules/lives").json()}
    assert {kind: lives[rule_id_of(kind)]["alerts"] for kind in IndicatorType} == {
        IndicatorType.IP: 0,
        IndicatorType.DOMAIN: 3,
        IndicatorType.URL: 0,
        IndicatorType.HASH: 0,
    }
    assert lives[rule_id]["rule"]["level"] == "high"
    assert "dns.question.name" in client.get(f"/api/v1/rules/{rule_id}").json()["rule"]["description"]

    listed = client.get("/rules", params={"text": "malicious domain"}).text
    assert ("Built in" in listed, "Alerts: 3" in listed) == (True, True)
    page = client.get(f"/rules/{rule_id}").text
    assert ("Part of the product" in page, 'name="state"' in page) == (True, False)
    answer = client.post(f"/api/v1/rules/{rule_id}:switch", json={"state": "retired", "reason": "loud"})
    assert answer.status_code == 404


def _update(rule_id: str, number: int) -> AlertUpdate:
    return AlertUpdate(
        alert_id=f"{number:0>32}",
        rule_id=rule_id,
        rule_title="Contact with a known malicious domain",
        level="medium",
        severity=2,
        tags=[],
        technique_ids=[],
        dataset="zeek.dns",
        entity={"threat.indicator.name": f"{number}.evil.example"},
        matched_fields=[
            {"selection": "feed (50)", "field": "domain", "event_field": "dns.question.name", "value": "x"}
        ],
        events=[(f"e-{number}", now_ms())],
    )
