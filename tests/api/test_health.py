"""What the API tells supervisors and Prometheus."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import httpx
from fastapi import FastAPI
from prometheus_client import CollectorRegistry

from api.app import create_app
from api.dependencies import ApiDependencies

if TYPE_CHECKING:
    from conftest import Site

SignedIn = Callable[..., httpx.Client]


def test_a_part_that_is_not_ready_is_named_with_503(site: Site) -> None:
    assert site.application is not None
    own: ApiDependencies = site.application.state.dependencies
    with site.client() as client:
        ready = client.get("/readyz")
        assert (ready.status_code, ready.json()) == (200, {"records": "ok", "events": "ok"})
    tight = replace(own, readiness={"disk": lambda: "too little room"}, figures=CollectorRegistry())
    answer = asyncio.run(_ask(create_app(tight), "/readyz"))
    assert (answer.status_code, answer.json()) == (503, {"records": "ok", "events": "ok", "disk": "too little room"})


async def _ask(application: FastAPI, path: str) -> httpx.Response:
    transport = httpx.ASGITransport(application)
    async with httpx.AsyncClient(transport=transport, base_url="http://fengsui.test") as client:
        return await client.get(path)


def test_figures_are_told_to_whoever_may_read_them_and_name_routes_not_paths(sign_in: SignedIn) -> None:
    admin = sign_in("admin")
    admin.get("/api/v1/alerts/alert-of-a-person-named-wang")
    admin.get("/no/such/page/110101199003074557")
    assert admin.post("/api/v1/silences", content=b" " * (30 << 20)).status_code == 413
    asked = {"name": "prometheus", "scopes": ["metrics:read"]}
    key = admin.post("/api/v1/api-keys", json=asked).json()["secret"]
    with httpx.Client(base_url=admin.base_url, headers={"Authorization": f"Bearer {key}"}) as prometheus:
        answer = prometheus.get("/metrics", headers={"Accept": "application/openmetrics-text"})
        assert prometheus.get("/api/v1/alerts").status_code == 403
    assert answer.headers["content-type"].startswith("application/openmetrics-text")
    counted = 'fengsui_http_requests_total{method="GET",route="/api/v1/alerts/{alert_id}",status="404"} 1.0'
    assert counted in answer.text
    assert 'route="unmatched",status="404"' in answer.text
    assert 'route="/api/v1/silences",status="413"} 1.0' in answer.text
    assert 'status="500"' not in answer.text
    assert "wang" not in answer.text
    assert "110101" not in answer.text
    assert sign_in("analyst").get("/metrics").status_code == 403
