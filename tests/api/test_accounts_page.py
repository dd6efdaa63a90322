"""Accounts and roles on their page."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import httpx

from api.identity.repository import find_user

if TYPE_CHECKING:
    from conftest import Site

SignedIn = Callable[..., httpx.Client]


def test_makes_accounts_within_the_separation_of_duties(sign_in: SignedIn) -> None:
    admin = sign_in("admin")
    form = {"csrf_token": admin.headers.pop("X-CSRF-Token"), "name": "sec", "password": "one long enough phrase"}
    refused = admin.post("/accounts", data={**form, "role": ["security_administrator", "audit_administrator"]})
    assert refused.status_code == 422
    assert "separation of duties" in refused.text
    made = admin.post("/accounts", data={**form, "role": ["security_administrator"], "units": "u-1, u-2"})
    assert made.status_code == 303
    page = admin.get("/accounts").text
    assert "安全管理员" in page
    assert {"u-1", "u-2"} <= set(re.findall(r'<span class="tag">(u-\d)</span>', page))
    assert sign_in("sec", "one long enough phrase").get("/alerts").status_code == 200


def test_helps_and_closes_others_accounts(site: Site, sign_in: SignedIn) -> None:
    admin, analyst = sign_in("admin"), sign_in()
    form = {"csrf_token": admin.headers.pop("X-CSRF-Token")}
    with site.records.read() as session:
        ids = {name: find_user(session, name).id for name in ("analyst", "admin")}  # type: ignore[union-attr]
    for step in ("reset-password", "end-sessions", "remove-second-factor", "disable"):
        assert admin.post(f"/accounts/{ids['admin']}/{step}", data=form).status_code == 409, step
    shown = admin.post(f"/accounts/{ids['analyst']}/reset-password", data=form).text
    password = re.search(r"analyst  (\S+)</pre>", shown)
    assert password is not None
    assert analyst.get("/api/v1/sessions/me").status_code == 401
    again = sign_in("analyst", password[1])
    assert admin.post(f"/accounts/{ids['analyst']}/disable", data=form).status_code == 303
    assert again.get("/api/v1/sessions/me").status_code == 401
    assert sign_in("auditor").get("/accounts").status_code == 403
