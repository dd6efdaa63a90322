"""Webhooks on their pages: registered with a secret shown once, tried, rotated, disabled, and their deliveries."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import httpx
import pytest

from api.identity.accounts import NewAccount, create_user
from audit import Actor
from events import now_ms
from playbooks.webhooks.models import WebhookAttempt, WebhookDelivery

if TYPE_CHECKING:
    from conftest import Site

SignedIn = Callable[..., httpx.Client]
Send = Callable[..., httpx.Response]


@pytest.fixture
def keeper(site: Site, sign_in: SignedIn) -> tuple[httpx.Client, Send]:
    with site.records.begin() as session:
        new = NewAccount("keeper", "correct horse battery", ["security_administrator"])
        create_user(session, new, Actor("system", "test", "test"))
    client = sign_in("keeper")
    token = client.headers.pop("X-CSRF-Token")
    return client, lambda path, **fields: client.post(path, data={"csrf_token": token, **fields})


def test_a_webhook_is_kept_from_its_page(site: Site, sign_in: SignedIn, keeper: tuple[httpx.Client, Send]) -> None:
    client, send = keeper
    assert "还没有回调接口" in client.get("/webhooks").text
    refused = send("/webhooks", name="block", url="ftp://x/")
    assert (refused.status_code, "接口信息不符合要求" in refused.text, 'value="ftp://x/"' in refused.text) == (
        422,
        True,
        True,
    )
    made = send("/webhooks", name="block", url="https://gateway.example/hook")
    secret = re.search(r"whsec_[A-Za-z0-9+/=]+", made.text)
    assert (made.status_code, secret is not None) == (200, True)
    address = re.search(r'href="(/webhooks/\w{32})"', client.get("/webhooks").text)
    assert address
    page = address[1]
    assert "whsec_" not in client.get(page).text
    rotated = send(page, action="rotate")
    assert "whsec_" in rotated.text
    assert secret is not None
    assert secret[0] not in rotated.text
    assert "旧密钥仍有效至" in client.get(page).text
    tried = send(page, action="try").headers["location"]
    assert "还没有尝试" in client.get(tried).text
    with site.records.begin() as session:  # as if it had been tried in vain
        row = session.get_one(WebhookDelivery, tried.rsplit("/", 1)[1])
        row.state, row.attempts, row.due_ms, row.ended_ms = "failed", 8, None, now_ms()
        session.add(
            WebhookAttempt(
                delivery_id=row.id, at_ms=now_ms(), milliseconds=12, status=500, outcome="HTTP 500", answer="<b>no</b>"
            )
        )
    shown = client.get(tried).text
    assert ("&lt;b&gt;no&lt;/b&gt;" in shown, "未送达" in shown) == (True, True)
    assert tried in client.get(page).text
    assert send(tried).headers["location"] == tried
    assert send(page, action="disable").headers["location"] == page
    assert (send(page, action="try").status_code, "重新启用" in client.get(page).text) == (409, True)
    assert send(page, action="enable").status_code == 303
    reader = sign_in("auditor")
    read = reader.get(page)
    assert (read.status_code, '<form method="post" action="/webhooks' in read.text) == (200, False)
    token = reader.headers["X-CSRF-Token"]
    assert reader.post(page, data={"csrf_token": token, "action": "disable"}).status_code == 403
    assert sign_in("nobody").get("/webhooks").status_code == 403
    client.cookies.set("fengsui_language", "en")
    assert "Test call" in client.get(page).text
