"""Playbooks, runs, approvals and webhooks over the API, with the worker beside it."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from ipaddress import ip_network
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from sqlalchemy import select

from api.identity.accounts import NewAccount, create_user
from api.key_suspension import suspend_api_key
from audit import Actor, AuditRecord
from playbooks import AddressGuard, Ports, WorkSurroundings, build_worker
from playbooks.cacao import EXTENSION_ID
from playbooks.webhooks.models import WebhookEndpoint
from playbooks.webhooks.signature import signed_headers, verify
from tests.patience import until

if TYPE_CHECKING:
    from conftest import Site

SignedIn = Callable[..., httpx.Client]
PASSWORD = "correct horse battery"
SETUP = Actor("system", "test", "test")
V1 = "/api/v1"
ORGANIZATION = "organization--11111111-1111-4111-8111-111111111111"
ME = "identity--22222222-2222-4222-8222-222222222222"
START, ACTION, END = (
    f"{kind}--00000000-0000-4000-8000-00000000000{number}"
    for number, kind in enumerate(("start", "action", "end"), start=1)
)


def _playbook(command: str, parameters: dict[str, Any], **extension: Any) -> dict[str, Any]:  # noqa: ANN401 (any property)
    return {
        "type": "playbook",
        "spec_version": "cacao-2.0",
        "id": "playbook--44444444-4444-4444-8444-444444444444",
        "name": "Suspend",
        "created_by": ME,
        "created": "2026-11-21T00:00:00.000Z",
        "modified": "2026-11-21T00:00:00.000Z",
        "workflow_start": START,
        "playbook_variables": {"__what__": {"type": "string", "external": True, "description": "what"}},
        "workflow": {
            START: {"type": "start", "on_completion": ACTION},
            ACTION: {
                "type": "action",
                "agent": ORGANIZATION,
                "commands": [{"type": command}],
                "on_completion": END,
                "step_extensions": {EXTENSION_ID: {"parameters": parameters, **extension}},
            },
            END: {"type": "end"},
        },
        "agent_definitions": {ORGANIZATION: {"type": "organization", "name": "Fengsui"}},
        "extension_definitions": {
            EXTENSION_ID: {
                "type": "extension-definition",
                "name": "execution",
                "created_by": ME,
                "schema": "in words",
                "version": "1.0.0",
            }
        },
    }


@contextmanager
def _working(site: Site, folder: Path, port: int = 80) -> Iterator[None]:
    guard = AddressGuard((ip_network("127.0.0.0/8"),), frozenset({port}))
    worker = build_worker(site.records, WorkSurroundings(folder, b"s" * 32, guard, Ports(suspend_api_key)))
    worker.start()
    try:
        yield
    finally:
        worker.stop()


@pytest.fixture
def officer(site: Site, sign_in: SignedIn) -> httpx.Client:
    with site.records.begin() as session:
        create_user(session, NewAccount("officer", PASSWORD, ["data_administrator"]), SETUP)
        create_user(session, NewAccount("keeper", PASSWORD, ["security_administrator"]), SETUP)
    return sign_in("officer")


def test_a_key_is_suspended_after_another_approved_exactly_that(
    site: Site, sign_in: SignedIn, officer: httpx.Client, tmp_path: Path
) -> None:
    keeper, analyst = sign_in("keeper"), sign_in("analyst")
    made = sign_in("admin").post(f"{V1}/api-keys", json={"name": "feed", "scopes": ["alerts:read"]}).json()
    key, bearer = made["key"], {"Authorization": f"Bearer {made['secret']}"}
    with site.client() as stranger:
        assert stranger.get(f"{V1}/alerts", headers=bearer).status_code == 200
    document = _playbook(
        "fengsui-suspend-api-key", {"api_key": "__what__:value"}, approval={"role": "data_administrator"}
    )
    text = json.dumps(document)
    assert analyst.post(f"{V1}/playbooks", json={"text": text}).json()["code"] == "scope_missing"
    playbook_id = keeper.post(f"{V1}/playbooks", json={"text": text}).raise_for_status().json()["id"]
    given = {"__what__": key["id"]}
    dry = analyst.post(f"{V1}/playbooks/{playbook_id}:dry-run", json={"variables": given}).json()
    assert [(step["type"], step["approval_role"]) for step in dry][1] == ("action", "data_administrator")
    assert dry[1]["actions"][0]["payload"] == {"api_key": key["id"]}
    run = analyst.post(f"{V1}/runs", json={"playbook_id": playbook_id, "variables": given}).raise_for_status().json()
    with _working(site, tmp_path):
        [approval] = until(lambda: officer.get(f"{V1}/approvals", params={"state": "pending", "mine": True}).json())
        assert approval["plan"] == dry[1]["actions"]
        path, body = f"{V1}/approvals/{approval['id']}:approve", {"plan_digest": approval["plan_digest"]}
        assert analyst.post(path, json=body).json()["code"] == "not_your_approval"
        assert officer.post(path, json={"plan_digest": "0" * 64}).json()["code"] == "run_conflict"
        assert officer.post(path, json=body).raise_for_status().json()["state"] == "approved"
        until(lambda: analyst.get(f"{V1}/runs/{run['id']}").json()["state"] == "succeeded")
    detail = analyst.get(f"{V1}/runs/{run['id']}").json()
    assert [(each["kind"], each["state"]) for each in detail["operations"]] == [("fengsui-suspend-api-key", "done")]
    with site.client() as stranger:
        assert stranger.get(f"{V1}/alerts", headers=bearer).status_code == 401
    with site.records.read() as session:
        kept = session.scalars(select(AuditRecord).where(AuditRecord.object_kind == "approval")).all()
    assert [(each.action, each.object_id, each.actor_kind) for each in kept] == [
        ("approval:asked", approval["id"], "system"),
        ("approval:approved", approval["id"], "user"),
    ]
    assert all(approval["plan_digest"] in (each.after or "") for each in kept)


def test_reading_a_run_that_tells_of_people_is_noted_and_no_secret_is_given_back(
    site: Site, sign_in: SignedIn, officer: httpx.Client
) -> None:
    keeper, analyst = sign_in("keeper"), sign_in("analyst")
    document = _playbook("manual", {})
    secret = {"type": "http-basic", "user_id": "u", "password": "pass-w0rd-9"}
    document["authentication_info_definitions"] = {"authentication-info--00000000-0000-4000-8000-000000000001": secret}
    text = json.dumps(document)
    playbook_id = keeper.post(f"{V1}/playbooks", json={"text": text}).raise_for_status().json()["id"]
    for client, path in ((analyst, f"{V1}/playbooks/{playbook_id}"), (analyst, f"/playbooks/{playbook_id}")):
        shown = client.get(path).raise_for_status().text
        assert ("(sealed)" in shown, "pass-w0rd-9" in shown, "sm4gcm1" in shown) == (True, False, False)
    paths = []
    for what in ("11010519491231002X", "a table"):
        started = keeper.post(f"{V1}/runs", json={"playbook_id": playbook_id, "variables": {"__what__": what}})
        paths.append(f"runs/{started.raise_for_status().json()['id']}")
    for path in paths:
        analyst.get(f"{V1}/{path}").raise_for_status()
        officer.get(f"/{path}").raise_for_status()
        officer.get(f"/{path}", headers={"Fengsui-Passive": "1"}).raise_for_status()
    with site.records.read() as session:
        noted = session.scalars(select(AuditRecord).where(AuditRecord.action == "run:read")).all()
    assert [(each.actor_name, f"runs/{each.object_id}") for each in noted] == [
        ("analyst", paths[0]),
        ("officer", paths[0]),
    ]


@dataclass
class Hook:
    """Where webhooks arrive."""

    port: int
    got: list[tuple[dict[str, str], bytes]]


@pytest.fixture
def hook() -> Iterator[Hook]:
    got: list[tuple[dict[str, str], bytes]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            got.append(({name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_args: object) -> None:
            return

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield Hook(server.server_port, got)
    server.shutdown()
    server.server_close()
    thread.join()


def _endpoint_at(site: Site, keeper: httpx.Client, hook: Hook) -> tuple[str, str]:
    """The id and the secret of an endpoint, then moved to where the test listens: no API takes such an address."""
    refused = keeper.post(f"{V1}/webhooks/endpoints", json={"name": "inside", "url": "ftp://127.0.0.1/"})
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_webhook")
    made = keeper.post(f"{V1}/webhooks/endpoints", json={"name": "block", "url": "http://gateway.example/"}).json()
    with site.records.begin() as session:
        session.get_one(WebhookEndpoint, made["endpoint"]["id"]).url = f"http://127.0.0.1:{hook.port}/hook"
    return made["endpoint"]["id"], made["secret"]


def _blocking(keeper: httpx.Client, account: str) -> str:
    """The address of a run that has an account blocked by the receiver, and waits for its answer."""
    data = {"account": "__what__:value"}
    parameters = {"endpoint": "block", "type": "account.block", "data": data, "wait_for_callback": "true"}
    text = json.dumps(_playbook("fengsui-webhook", parameters))
    playbook_id = keeper.post(f"{V1}/playbooks", json={"text": text}).raise_for_status().json()["id"]
    asked = {"playbook_id": playbook_id, "variables": {"__what__": account}}
    return f"{V1}/runs/{keeper.post(f'{V1}/runs', json=asked).raise_for_status().json()['id']}"


def _calls_back_once(stranger: httpx.Client, path: str, operation: str, secret: str) -> None:
    answer = json.dumps({"operation": operation, "outcome": "done", "values": {"blocked": 1}}).encode()
    signed = signed_headers("c-1", int(time.time()), answer, [secret])
    assert stranger.post(path, content=answer, headers={**signed, "webhook-id": "c-2"}).status_code == 401
    assert stranger.post(path, content=answer, headers=signed).json() == {"repeated": False}
    assert stranger.post(path, content=answer, headers=signed).json() == {"repeated": True}


@pytest.mark.usefixtures("officer")
def test_a_signed_webhook_is_delivered_and_its_receiver_calls_back_once(
    site: Site, sign_in: SignedIn, hook: Hook, tmp_path: Path
) -> None:
    keeper = sign_in("keeper")
    endpoint, secret = _endpoint_at(site, keeper, hook)
    run = _blocking(keeper, "acc-7")
    with _working(site, tmp_path, hook.port), site.client() as stranger:
        until(lambda: [each["wait"] for each in keeper.get(run).json()["waiting"]] == ["callback"])
        [(headers, body)] = hook.got
        operation = verify(headers, body, [secret], int(time.time()), 300)
        assert json.loads(body)["data"] == {"account": "acc-7", "operation": operation}
        _calls_back_once(stranger, f"{V1}/webhooks/endpoints/{endpoint}/callbacks", operation, secret)
        until(lambda: keeper.get(run).json()["state"] == "succeeded")
    [delivery] = keeper.get(f"{V1}/webhooks/deliveries").json()["deliveries"]
    log = keeper.get(f"{V1}/webhooks/deliveries/{delivery['id']}").json()["log"]
    assert (delivery["id"], delivery["state"], [each["status"] for each in log]) == (operation, "delivered", [204])
    assert secret not in json.dumps(keeper.get(f"{V1}/webhooks/endpoints").json())


def test_an_invalid_playbook_is_refused_with_every_place(sign_in: SignedIn) -> None:
    document = _playbook("manual", {})
    document["workflow"][ACTION]["on_completion"] = "end--00000000-0000-4000-8000-000000000099"
    verdict = sign_in().post(f"{V1}/playbooks:validate", json={"text": json.dumps(document)}).json()
    assert verdict["valid"] is False
    assert [problem["place"] for problem in verdict["problems"]] == [f"workflow.{ACTION}.on_completion"]


def test_runs_of_other_units_are_as_if_they_were_not_there(
    site: Site, sign_in: SignedIn, officer: httpx.Client
) -> None:
    del officer
    with site.records.begin() as session:
        create_user(session, NewAccount("local", PASSWORD, ["unit_data_officer"], units=["their-unit"]), SETUP)
    keeper, local = sign_in("keeper"), sign_in("local")
    text = json.dumps(_playbook("manual", {}))
    playbook_id = keeper.post(f"{V1}/playbooks", json={"text": text}).raise_for_status().json()["id"]
    run = keeper.post(f"{V1}/runs", json={"playbook_id": playbook_id, "variables": {"__what__": "x"}}).json()
    assert local.get(f"{V1}/runs").json()["runs"] == []
    assert local.get(f"{V1}/runs/{run['id']}").json()["code"] == "run_not_found"
    assert [each["id"] for each in keeper.get(f"{V1}/runs").json()["runs"]] == [run["id"]]
