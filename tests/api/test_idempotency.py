"""A write with an Idempotency-Key happens once."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import httpx

from audit import AuditFilter, list_records

if TYPE_CHECKING:
    from conftest import Site

SignedIn = Callable[..., httpx.Client]


def _comment(client: httpx.Client, alert_id: str, text: str, key: str | None) -> httpx.Response:
    headers = {"Idempotency-Key": key} if key is not None else {}
    return client.post(f"/api/v1/alerts/{alert_id}:comment", json={"comment": text}, headers=headers)


def test_a_repeat_gets_the_first_answer_and_changes_nothing(site: Site, sign_in: SignedIn) -> None:
    client, alert_id = sign_in(), site.alert_ids[0]
    first, second = (_comment(client, alert_id, "seen", "k-1") for _ in range(2))
    assert (first.status_code, second.status_code) == (200, 200)
    assert first.content == second.content
    assert second.headers["idempotent-replayed"] == "true"
    assert len(client.get(f"/api/v1/alerts/{alert_id}/transitions").json()) == 1
    with site.records.read() as session:
        assert len(list_records(session, AuditFilter(action="alert:comment"), 9)) == 1


def test_without_a_key_each_request_counts(site: Site, sign_in: SignedIn) -> None:
    client, alert_id = sign_in(), site.alert_ids[0]
    for _ in range(2):
        _comment(client, alert_id, "seen", None)
    assert len(client.get(f"/api/v1/alerts/{alert_id}/transitions").json()) == 2


def test_a_key_serves_one_request_of_one_caller(site: Site, sign_in: SignedIn) -> None:
    client, other, alert_id = sign_in(), sign_in("admin"), site.alert_ids[0]
    _comment(client, alert_id, "first", "k-1")
    reused = _comment(client, alert_id, "another", "k-1")
    assert (reused.status_code, reused.json()["code"]) == (422, "idempotency_key_reused")
    assert _comment(other, alert_id, "another", "k-1").status_code == 200


def test_a_refused_request_leaves_its_key_free(site: Site, sign_in: SignedIn) -> None:
    client, alert_id = sign_in(), site.alert_ids[0]
    assert _comment(client, alert_id, "", "k-1").status_code == 422
    assert _comment(client, alert_id, "now with words", "k-1").status_code == 200


def test_a_senseless_key_is_refused(site: Site, sign_in: SignedIn) -> None:
    answer = _comment(sign_in(), site.alert_ids[0], "x", "k" * 200)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_idempotency_key")
