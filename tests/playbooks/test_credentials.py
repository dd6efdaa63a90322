"""Secrets of playbooks: sealed where they are kept, hidden where they are shown, opened for the call alone."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from playbooks import Credentials, InvalidPlaybookError, NewRun, add_playbook, start_run
from playbooks.credentials import HIDDEN, hidden
from playbooks.library import get_playbook
from playbooks.runs.models import PlaybookVersion
from playbooks.runs.repository import operations_of
from tests.playbooks.conftest import KEY, Installation, Receiver, editor, http_step, playbook, step, target

SECRET, TOKEN = "pass-w0rd-9", "tok-8841"
BASIC, BEARER = (f"authentication-info--00000000-0000-4000-8000-00000000000{number}" for number in (1, 2))


def _document(receiver: Receiver, password: str = SECRET, **more: Any) -> dict[str, Any]:  # noqa: ANN401 (any member)
    targets = target(receiver.port)
    [name] = targets
    targets[name]["authentication_info"] = BASIC
    other = name.replace("3333", "5555", 1)
    targets[other] = {**targets[name], "authentication_info": BEARER}
    second = {**http_step("GET /token HTTP/1.1", step("end", 9)), "targets": [other]}
    return playbook(
        1,
        {step("action", 2): http_step("GET /basic HTTP/1.1", step("action", 3)), step("action", 3): second},
        target_definitions=targets,
        authentication_info_definitions={
            BASIC: {"type": "http-basic", "user_id": "fengsui", "password": password, **more},
            BEARER: {"type": "oauth2", "oauth_header": "X-Token", "token": TOKEN},
        },
    )


def _added(installation: Installation, document: dict[str, Any], key: bytes = KEY) -> str:
    with installation.records.begin() as session:
        return add_playbook(session, json.dumps(document), editor().by, Credentials(key)).loaded.playbook.id


def _kept(installation: Installation) -> list[PlaybookVersion]:
    with installation.records.read() as session:
        return list(session.query(PlaybookVersion).order_by(PlaybookVersion.added_ms))


def _shown(installation: Installation, playbook_id: str) -> dict[str, Any]:
    with installation.records.read() as session:
        return hidden(json.loads(get_playbook(session, playbook_id).loaded.text))


def _run(installation: Installation, playbook_id: str) -> str:
    with installation.records.begin() as session:
        return start_run(session, NewRun(playbook_id), editor()).id


def test_secrets_are_sealed_hidden_and_used(installation: Installation, receiver: Receiver) -> None:
    playbook_id = _added(installation, _document(receiver))
    [version] = _kept(installation)
    shown = json.dumps(_shown(installation, playbook_id))
    for secret in (SECRET, TOKEN):
        assert secret not in version.text + shown
    assert (shown.count(HIDDEN), "sm4gcm1." in shown, '"fengsui"' in shown) == (2, False, True)
    with installation.working():
        run = installation.ended(_run(installation, playbook_id))
    assert run.state == "succeeded"
    (_, _, first, _), (_, _, second, _) = receiver.requests
    assert first["authorization"] == "Basic " + base64.b64encode(f"fengsui:{SECRET}".encode()).decode()
    assert second["x-token"] == f"Bearer {TOKEN}"
    with installation.records.read() as session:
        told = json.dumps([[each.payload, each.result] for each in operations_of(session, run.id)])
    assert (SECRET in told, TOKEN in told) == (False, False)


def test_a_playbook_added_as_it_was_shown_keeps_its_secrets(installation: Installation, receiver: Receiver) -> None:
    playbook_id = _added(installation, _document(receiver))
    _added(installation, _document(receiver))
    assert len(_kept(installation)) == 1
    again = {**_shown(installation, playbook_id), "name": "Renamed"}
    _added(installation, again)
    with installation.working():
        assert installation.ended(_run(installation, playbook_id)).state == "succeeded"
    assert receiver.requests[1][2]["x-token"] == f"Bearer {TOKEN}"


@pytest.mark.parametrize(
    ("password", "more"),
    [(HIDDEN, {}), ("__password__:value", {}), (SECRET, {"kms": True}), (SECRET, {"extra": {"deep": "x"}})],
)
def test_what_can_not_be_sealed_is_refused_without_being_told(
    installation: Installation, receiver: Receiver, password: str, more: dict[str, Any]
) -> None:
    with pytest.raises(InvalidPlaybookError, match="authentication_info_definitions") as refused:
        _added(installation, _document(receiver, password, **more))
    assert SECRET not in str(refused.value)
    assert _kept(installation) == []


def test_nothing_is_kept_where_nothing_seals(installation: Installation, receiver: Receiver) -> None:
    with installation.records.begin() as session, pytest.raises(InvalidPlaybookError, match="nothing seals"):
        add_playbook(session, json.dumps(_document(receiver)), editor().by)


def test_a_secret_under_another_key_fails_in_sight(installation: Installation, receiver: Receiver) -> None:
    playbook_id = _added(installation, _document(receiver), b"x" * 32)
    with installation.working():
        run = installation.ended(_run(installation, playbook_id))
    assert (run.state, "enter the secret again" in str(run.problem), receiver.requests) == ("failed", True, [])


@pytest.mark.parametrize(
    ("command", "place"),
    [
        ({"headers": {"Authorization": ["Bearer s3cret-9"]}}, "commands.0.headers.Authorization"),
        ({"headers": {"x-api-KEY": ["s3cret-9"]}}, "commands.0.headers.x-api-KEY"),
        ({"headers": {"Cookie": ["__cookie__:value"]}}, "commands.0.headers.Cookie"),
        ({"headers": {"X-Own": ["Basic s3cret-9"]}}, "commands.0.headers.X-Own"),
        ({"headers": {"X-Own": ["fsk_1_s3cret-9"]}}, "commands.0.headers.X-Own"),
        ({"command": "GET /block?ip=1&access_token=s3cret-9 HTTP/1.1"}, "commands.0.command"),
    ],
)
def test_a_credential_in_the_clear_is_refused_by_its_place(
    installation: Installation, command: dict[str, Any], place: str
) -> None:
    action = http_step("GET /x HTTP/1.1", step("end", 9))
    action["commands"][0] |= command
    document = playbook(1, {step("action", 2): action}, target_definitions=target(8080))
    with pytest.raises(InvalidPlaybookError) as refused:
        _added(installation, document)
    assert f"workflow.{step('action', 2)}.{place}" in str(refused.value)
    assert "authentication_info_definitions" in str(refused.value)
    assert "s3cret" not in str(refused.value)
    assert _kept(installation) == []


def test_a_credential_in_an_address_is_refused_and_plain_headers_are_taken(installation: Installation) -> None:
    action = http_step("GET /x?id=1 HTTP/1.1", step("end", 9))
    action["commands"][0]["headers"] = {"Accept": ["application/json"], "X-Kind": ["basic"], "X-Note": ["a token"]}
    targets = target(8080)
    [name] = targets
    _added(installation, playbook(1, {step("action", 2): action}, target_definitions=targets))
    targets[name]["address"]["url"] = ["https://fengsui:s3cret-9@firewall.example"]
    with pytest.raises(InvalidPlaybookError, match=f"target_definitions.{name}.address.url.0"):
        _added(installation, playbook(2, {step("action", 2): action}, target_definitions=targets))
