"""Webhooks over the API against a receiver that is slow, fails, never answers, or is gone; secrets that rotate."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_network
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import yaml
from sqlalchemy import select

from api.identity.accounts import NewAccount, create_user
from audit import Actor, AuditRecord
from events import now_ms, timestamp_ms
from playbooks import AddressGuard, WorkSurroundings, build_worker
from playbooks.errors import SignatureError
from playbooks.policy import run_policy
from playbooks.webhooks.models import WebhookDelivery, WebhookEndpoint
from playbooks.webhooks.signature import signed_headers, verify
from policies.loader import policy_path
from tests.patience import PATIENCE_SECONDS

if TYPE_CHECKING:
    from conftest import Site

SignedIn = Callable[..., httpx.Client]
PASSWORD = "correct horse battery"
HOOKS = "/api/v1/webhooks"
_ATTEMPTS, _DISABLED_AFTER, _ANSWER_SECONDS = 3, 2, 2


@dataclass
class Receiver:
    """Answers each call by the next of its ``script`` (then 204); ``silence`` never answers in time."""

    port: int = 0
    script: list[str] = field(default_factory=list)
    calls: list[tuple[dict[str, str], bytes]] = field(default_factory=list)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    recording, ended = Receiver(), threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            recording.calls.append(({name.lower(): value for name, value in self.headers.items()}, body))
            answer = recording.script.pop(0) if recording.script else "204"
            if answer == "silence":
                ended.wait(PATIENCE_SECONDS)
                return
            self.send_response(int(answer))
            self.send_header("content-length", "4")
            self.end_headers()
            self.wfile.write(b"said")

        def log_message(self, *_args: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    recording.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield recording
    ended.set()
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(autouse=True)
def impatient(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A site's own policy that waits less for answers, and gives up sooner."""
    policy = yaml.safe_load(policy_path("playbooks/runs.yml").read_text(encoding="utf-8"))
    policy["webhooks"] |= {
        "attempts": _ATTEMPTS,
        "disabled_after": _DISABLED_AFTER,
        "answer_seconds": _ANSWER_SECONDS,
    }
    policy["work"]["poll_seconds"] = 0.02
    (tmp_path / "policies/playbooks").mkdir(parents=True)
    (tmp_path / "policies/playbooks/runs.yml").write_text(yaml.safe_dump(policy), encoding="utf-8")
    monkeypatch.setenv("FENGSUI_POLICIES", str(tmp_path / "policies"))
    run_policy.cache_clear()
    yield
    monkeypatch.undo()
    run_policy.cache_clear()


class Hook:
    """An endpoint that a keeper registered for the receiver, with a worker beside the site."""

    def __init__(self, site: Site, keeper: httpx.Client, receiver: Receiver) -> None:
        self.site, self.keeper, self.receiver = site, keeper, receiver
        made = keeper.post(f"{HOOKS}/endpoints", json={"name": "block", "url": "http://gateway.example/"})
        self.id, self.secret = made.raise_for_status().json()["endpoint"]["id"], made.json()["secret"]
        with site.records.begin() as session:
            session.get_one(WebhookEndpoint, self.id).url = f"http://127.0.0.1:{receiver.port}/hook"

    def post(self, action: str) -> httpx.Response:
        return self.keeper.post(f"{HOOKS}/endpoints/{self.id}:{action}")

    def tried(self) -> str:
        return str(self.post("try").raise_for_status().json()["id"])

    def seen(self) -> dict[str, Any]:
        [endpoint] = self.keeper.get(f"{HOOKS}/endpoints").raise_for_status().json()
        return dict(endpoint)

    def delivery(self, delivery_id: str) -> dict[str, Any]:
        return dict(self.keeper.get(f"{HOOKS}/deliveries/{delivery_id}").raise_for_status().json())

    def until(self, delivery_id: str, attempts: int) -> dict[str, Any]:
        """A delivery once it was tried so often; what is due later is made due now."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            found = self.delivery(delivery_id)
            if len(found["log"]) >= attempts and (found["state"] != "pending" or len(found["log"]) == attempts):
                return found
            if found["state"] == "pending" and found["log"]:
                self._hurry(delivery_id, len(found["log"]))
            time.sleep(0.02)
        raise AssertionError(found)

    def _hurry(self, delivery_id: str, attempts: int) -> None:
        with self.site.records.begin() as session:
            row = session.get_one(WebhookDelivery, delivery_id)
            if row.attempts == attempts:  # else it is being tried at this moment
                row.due_ms = now_ms()


@pytest.fixture
def hook(site: Site, sign_in: SignedIn, receiver: Receiver, tmp_path: Path) -> Iterator[Hook]:
    with site.records.begin() as session:
        setup = Actor("system", "test", "test")
        create_user(session, NewAccount("keeper", PASSWORD, ["security_administrator"]), setup)
    made = Hook(site, sign_in("keeper"), receiver)
    guard = AddressGuard((ip_network("127.0.0.0/8"),), frozenset({receiver.port}))
    worker = build_worker(site.records, WorkSurroundings(tmp_path, b"s" * 32, guard))
    worker.start()
    yield made
    worker.stop()


def _audited(site: Site) -> list[str]:
    with site.records.read() as session:
        wanted = select(AuditRecord.action).where(AuditRecord.object_kind == "webhook")
        return list(session.scalars(wanted.order_by(AuditRecord.sequence)))


def test_a_call_that_fails_is_tried_again_later_under_the_same_id(hook: Hook) -> None:
    hook.receiver.script = ["500", "silence", "204"]
    delivery_id = hook.tried()
    first = hook.until(delivery_id, 1)
    waited = timestamp_ms(first["due"]) - timestamp_ms(first["log"][0]["at"])
    assert (first["state"], 3900 <= waited <= 6100) == ("pending", True)
    second = hook.until(delivery_id, 2)
    waited = timestamp_ms(second["due"]) - timestamp_ms(second["log"][1]["at"])
    assert (second["state"], 15_900 <= waited <= 24_100) == ("pending", True)
    done = hook.until(delivery_id, 3)
    assert (done["state"], done["due"]) == ("delivered", None)
    assert [(each["status"], each["outcome"]) for each in done["log"]] == [
        (500, "HTTP 500"),
        (None, "no answer: ReadTimeout"),
        (204, "delivered"),
    ]
    assert {headers["webhook-id"] for headers, _ in hook.receiver.calls} == {delivery_id}
    assert len({body for _, body in hook.receiver.calls}) == 1
    for headers, body in hook.receiver.calls:
        assert verify(headers, body, [hook.secret], now_ms() // 1000, 60) == delivery_id
    assert json.loads(done["body"])["type"] == "fengsui.test"
    assert hook.seen()["failures"] == 0


def test_an_endpoint_that_takes_nothing_is_disabled_until_somebody_enables_it(hook: Hook, sign_in: SignedIn) -> None:
    hook.receiver.script = ["500"] * _ATTEMPTS * _DISABLED_AFTER
    given_up = [hook.until(hook.tried(), _ATTEMPTS) for _ in range(_DISABLED_AFTER)]
    assert [(each["state"], each["attempts"]) for each in given_up] == [("failed", _ATTEMPTS)] * _DISABLED_AFTER
    seen = hook.seen()
    assert (seen["disabled_because"], seen["failures"]) == ("failures", _DISABLED_AFTER)
    last = given_up[-1]["id"]
    again = f"{HOOKS}/deliveries/{last}:redeliver"
    assert [hook.post("try").status_code, hook.keeper.post(again).status_code] == [409, 409]
    assert sign_in("analyst").post(f"{HOOKS}/endpoints/{hook.id}:enable").status_code == 403
    enabled = hook.post("enable").json()
    assert (enabled["disabled"], enabled["disabled_because"], enabled["failures"]) == (None, None, 0)
    hook.keeper.post(again).raise_for_status()
    done = hook.until(last, _ATTEMPTS + 1)
    assert (done["state"], done["log"][-1]["status"]) == ("delivered", 204)
    assert hook.receiver.calls[-1][0]["webhook-id"] == last
    assert _audited(hook.site) == ["webhook:register"] + ["webhook:try"] * _DISABLED_AFTER + [
        "webhook:disable",
        "webhook:enable",
        "webhook:redeliver",
    ]
    hook.post("disable").raise_for_status()
    assert (hook.seen()["disabled_because"], hook.post("try").status_code) == ("person", 409)


def test_a_receiver_that_is_gone_is_called_no_more(hook: Hook) -> None:
    hook.receiver.script = ["410"]
    ended = hook.until(hook.tried(), 1)
    assert (ended["state"], hook.seen()["disabled_because"]) == ("failed", "gone")


def test_both_secrets_count_while_one_takes_the_others_place(hook: Hook) -> None:
    rotated = hook.post("rotate").raise_for_status().json()
    former, present = hook.secret, rotated["secret"]
    assert present != former
    delivery_id = hook.tried()
    hook.until(delivery_id, 1)
    [(headers, body)] = hook.receiver.calls
    for secret in (former, present):
        assert verify(headers, body, [secret], now_ms() // 1000, 60) == delivery_id
    answer = json.dumps({"operation": delivery_id, "outcome": "done"}).encode()

    def called_back(call: str, secret: str) -> int:
        signed = signed_headers(call, now_ms() // 1000, answer, [secret])
        with hook.site.client() as stranger:
            path = f"{HOOKS}/endpoints/{hook.id}/callbacks"
            return stranger.post(path, content=answer, headers=signed).status_code

    assert [called_back("c1", former), called_back("c2", present)] == [200, 200]
    with hook.site.records.begin() as session:
        session.get_one(WebhookEndpoint, hook.id).former_until_ms = now_ms() - 1
    assert [called_back("c3", former), called_back("c4", present)] == [401, 200]
    hook.until(hook.tried(), 1)
    headers, body = hook.receiver.calls[-1]
    verify(headers, body, [present], now_ms() // 1000, 60)
    with pytest.raises(SignatureError):
        verify(headers, body, [former], now_ms() // 1000, 60)
