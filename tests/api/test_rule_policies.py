"""An alert and its rule say whom the finding concerns: requirements, accountable party, suggested playbook."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest

SignedIn = Callable[..., httpx.Client]
FLOW_RULE = "11111111-aaaa-4bbb-8ccc-000000000003"
FACTS = {"requirements": ["B4", "B5"], "accountable": "consumer", "playbook": "suspend_grant"}


def test_an_alert_and_its_rule_carry_the_facts(sign_in: SignedIn) -> None:
    client = sign_in()
    alerts = client.get("/api/v1/alerts").json()["alerts"]
    assert {alert["rule_id"]: alert["policy"] for alert in alerts}[FLOW_RULE] == FACTS
    assert [alert["policy"] for alert in alerts if alert["rule_id"] != FLOW_RULE] == [None] * 3
    (flow_alert,) = (alert["id"] for alert in alerts if alert["rule_id"] == FLOW_RULE)
    assert client.get(f"/api/v1/alerts/{flow_alert}").json()["policy"] == FACTS
    rules = client.get("/api/v1/rules").json()["rules"]
    assert {rule["id"]: rule["policy"] for rule in rules}[FLOW_RULE] == FACTS
    assert client.get(f"/api/v1/rules/{FLOW_RULE}").json()["rule"]["policy"] == FACTS


@pytest.mark.parametrize(
    ("language", "party"), [("zh", "数据使用单位（主体责任）"), ("en", "Who uses the data (principal)")]
)
def test_the_pages_name_them(sign_in: SignedIn, language: str, party: str) -> None:
    client = sign_in()
    client.cookies.set("fengsui_language", language)
    alerts = client.get("/api/v1/alerts").json()["alerts"]
    (flow_alert,) = (alert["id"] for alert in alerts if alert["rule_id"] == FLOW_RULE)
    (other, *_) = (alert["id"] for alert in alerts if alert["rule_id"] != FLOW_RULE)
    for path in (f"/alerts/{flow_alert}", f"/rules/{FLOW_RULE}"):
        page = client.get(path).text
        assert party in page, path
        assert "B4, B5" in page
        assert "suspend_grant" in page
    assert party not in client.get(f"/alerts/{other}").text
