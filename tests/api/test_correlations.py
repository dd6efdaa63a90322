"""Correlations over the API and on the pages: switched, excepted from, and not explained by one event."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from api.dependencies import RuleSummary
from detection import load_rules
from detection.alerts import AlertUpdate, record_matches
from detection.correlation.models import CorrelationStateRow
from events import format_timestamp, now_ms

if TYPE_CHECKING:
    from conftest import Site

_RULES = """
title: Failed
id: failed
logsource: {product: linux, service: sshd}
detection: {failed: [Failed password], condition: failed}
---
title: Many failures
id: many
correlation: {type: event_count, rules: [failed], group-by: [source.ip], timespan: 1h, condition: {gte: 5}}
"""


@pytest.fixture
def client(site: Site, sign_in: Callable[..., httpx.Client], tmp_path: Path) -> httpx.Client:
    """An analyst where one correlation is loaded, with an alert of its own."""
    path = tmp_path / "correlations.yml"
    path.write_text(_RULES, encoding="utf-8")
    loaded = load_rules([path])
    assert site.application is not None
    state = site.application.state
    summary = RuleSummary("many", "Many failures", "medium", logsource={"correlation": "event_count"})
    state.dependencies = replace(
        state.dependencies,
        rules=lambda: [summary],
        loaded_rules=lambda: loaded.rules,
        correlations=lambda: loaded.correlations,
    )
    with site.records.begin() as session:
        record_matches(session, [_update("203.0.113.9"), _update("203.0.113.10")], now_ms())
    return sign_in()


def _update(address: str) -> AlertUpdate:
    return AlertUpdate(
        alert_id=f"{address:0>32}",
        rule_id="many",
        rule_title="Many failures",
        level="medium",
        severity=2,
        tags=[],
        technique_ids=[],
        dataset="linux.auth",
        entity={"source.ip": address},
        matched_fields=[{"selection": "event_count", "field": None, "event_field": None, "value": "7"}],
        events=[(f"e-{address}", now_ms())],
    )


def test_a_correlation_is_switched(client: httpx.Client) -> None:
    answer = client.post("/api/v1/rules/many:switch", json={"state": "test", "reason": "too loud"})
    assert (answer.status_code, answer.json()["state"]) == (200, "test")
    assert 'name="state" value="on"' in client.get("/rules/many").text


def test_an_exception_is_tried_on_the_correlations_alerts_and_saved(client: httpx.Client) -> None:
    fields = [{"field": "source.ip", "value": "203.0.113.9"}]
    asked: dict[str, Any] = {"rule_id": "many", "fields": fields}
    found = client.post("/api/v1/exceptions:backtest", json=asked).json()
    assert (found["backtest"]["matches"], found["backtest"]["removed"]) == (2, 1)
    saved = client.post("/api/v1/exceptions", json={**asked, "reason": "a scanner of ours", "days": 7})
    assert (saved.status_code, saved.json()["rule_id"]) == (201, "many")
    assert client.get(f"/exceptions/new?alert={'203.0.113.9':0>32}").status_code == 200


def test_one_event_explains_no_correlation(client: httpx.Client) -> None:
    answer = client.post("/api/v1/rules/many:explain", json={"event": {"message": "Failed password"}})
    assert (answer.status_code, answer.json()["code"]) == (422, "correlation_not_explained")
    assert "failed" in answer.json()["detail"]
    assert client.get("/rules/many/insight?event=x").status_code == 200


def test_the_state_tells_what_was_left_out(site: Site, client: httpx.Client) -> None:
    now = now_ms()
    with site.records.begin() as session:
        counts = {"observed": 9, "late": 1, "without_group": 2, "evaluated_early": 0, "evicted_events": 0}
        counts |= {"groups_held": 4_321}
        moments = {"watermark": now - 120_000, "newest": now, "updated": now, "oldest_window": now - 600_000}
        session.add(CorrelationStateRow(family="f", rule_ids=["many"], evicted_groups=3, **counts, **moments))
    [state] = client.get("/api/v1/correlations").json()
    assert (state["rule_ids"], state["observed"], state["late"], state["evicted_groups"]) == (["many"], 9, 1, 3)
    assert (state["watermark"], state["groups_held"]) == (format_timestamp(now - 120_000), 4_321)
    assert state["oldest_window"] == format_timestamp(now - 600_000)

    page = client.get("/rules/many").text
    assert ("4,321" in page, "how far it is" in page.casefold() or "关联进度" in page) == (True, True)
    assert "关联进度" not in client.get("/rules/failed").text
