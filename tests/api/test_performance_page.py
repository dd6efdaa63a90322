"""Rates and times on their page, month by month."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from html import unescape
from zoneinfo import ZoneInfo

import httpx

from api.performance_view import month_starts

SignedIn = Callable[..., httpx.Client]


def test_months_begin_with_the_zones_midnight_and_cross_years() -> None:
    now = round(datetime(2026, 1, 31, 17, 0, tzinfo=UTC).timestamp() * 1000)
    months = month_starts(now, 3, ZoneInfo("Asia/Shanghai"))
    assert [name for name, _ in months] == ["2025-12", "2026-01", "2026-02"]
    assert months[1][1] == round(datetime(2025, 12, 31, 16, 0, tzinfo=UTC).timestamp() * 1000)


def test_figures_follow_what_is_done(sign_in: SignedIn) -> None:
    analyst = sign_in("analyst")
    assert 'id="rate"><span class="faint">—' in analyst.get("/performance").text
    opened = analyst.post("/api/v1/incidents", json={"title": "甲", "class_code": "malware"}).json()["id"]
    for step in ("notification", "coordination", "response", "tracing"):
        assert analyst.post(f"/api/v1/incidents/{opened}:advance", json={"to": step}).status_code == 200
    page = analyst.get("/performance", params={"months": "3"}).text
    assert 'id="rate">100.0%' in page
    charts = [json.loads(unescape(text)) for text in re.findall(r'data-lines="([^"]+)"', page)]
    assert charts[0]["series"][0]["points"] == [None, None, 100.0]
    assert len(charts[1]["labels"]) == 3
    assert analyst.get("/performance", params={"months": "5000"}).status_code == 422


def test_only_those_who_may_see_the_figures(sign_in: SignedIn) -> None:
    assert sign_in("nobody").get("/performance").status_code == 403
