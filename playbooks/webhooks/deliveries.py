"""Deliveries: kept before they are tried, tried until they arrive or policy gives up, every attempt in a log.

A delivery is tried again under the same ``webhook-id``, by which receivers know what they have done already.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from audit.authorship import Change, ChangedBy, audit_change
from events import format_timestamp, now_ms
from playbooks.actions.calling import Caller, Request, Response
from playbooks.errors import ActionError, RunConflictError
from playbooks.policy import run_policy
from playbooks.runs.models import Token
from playbooks.runs.repository import lock_run
from playbooks.runs.vocabulary import TokenState, Wait
from playbooks.webhooks.endpoints import DisabledBecause, WebhookSecrets, disable_unheard
from playbooks.webhooks.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint
from playbooks.webhooks.repository import endpoint_named, get_delivery, get_endpoint
from playbooks.webhooks.signature import signed_headers
from registry import UnitScope
from store.records import RecordsDatabase
from store.records.secrets import SecretError

_LEASE_MS = 60_000
_GONE = 410


class DeliveryState(StrEnum):
    """Where a delivery stands."""

    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class NewDelivery:
    """A message to an endpoint; ``token_id`` is the branch that waits for it."""

    id: str
    endpoint: str
    type: str
    data: Mapping[str, Any]
    token_id: int | None = None


def post(session: Session, new: NewDelivery) -> WebhookDelivery:
    """Keep a message for delivery.

    Raises:
        ActionError: there is no such endpoint.
    """
    endpoint = endpoint_named(session, new.endpoint)
    if endpoint is None or endpoint.disabled_ms is not None:
        raise ActionError(f"there is no webhook {new.endpoint[:64]}; register it")
    now = now_ms()
    body = {"type": new.type, "timestamp": format_timestamp(now), "data": {**new.data, "operation": new.id}}
    row = WebhookDelivery(
        id=new.id,
        endpoint_id=endpoint.id,
        token_id=new.token_id,
        type=new.type,
        body=json.dumps(body, ensure_ascii=False, separators=(",", ":")),
        state=DeliveryState.PENDING.value,
        attempts=0,
        most_attempts=run_policy().webhooks.attempts,
        created_ms=now,
        due_ms=now,
    )
    session.add(row)
    session.flush()
    return row


def try_endpoint(session: Session, scope: UnitScope, endpoint_id: str, by: ChangedBy) -> WebhookDelivery:
    """Send an endpoint a call that asks nothing of it, to see whether it answers.

    Raises:
        WebhookNotFoundError: there is none in the scope.
        RunConflictError: it is disabled.
    """
    endpoint = get_endpoint(session, scope, endpoint_id)
    if endpoint.disabled_ms is not None:
        raise RunConflictError("The webhook is disabled; enable it first")
    row = post(session, NewDelivery(f"try_{uuid4().hex}", endpoint.name, "fengsui.test", {}))
    audit_change(session, Change("webhook", "try", endpoint.id, None, None, {"delivery": row.id}), by)
    return row


def redeliver(session: Session, scope: UnitScope, delivery_id: str, by: ChangedBy) -> WebhookDelivery:
    """Try a delivery that ended again, under the same id.

    Raises:
        WebhookNotFoundError: there is none in the scope.
        RunConflictError: it is still being tried, or its endpoint is disabled.
    """
    row = get_delivery(session, scope, delivery_id)
    if row.state == DeliveryState.PENDING:
        raise RunConflictError("The delivery is still being tried; wait for its end")
    if get_endpoint(session, scope, row.endpoint_id).disabled_ms is not None:
        raise RunConflictError("The webhook is disabled; enable it first")
    row.state, row.due_ms, row.ended_ms = DeliveryState.PENDING.value, by.at_ms, None
    row.most_attempts = row.attempts + run_policy().webhooks.attempts
    audit_change(session, Change("webhook", "redeliver", row.endpoint_id, None, None, {"delivery": row.id}), by)
    return row


@dataclass(frozen=True, slots=True)
class _Claimed:
    id: str
    url: str
    body: bytes
    keys: list[str]
    problem: str | None


class Deliverer:
    """Tries deliveries that are due."""

    def __init__(self, records: RecordsDatabase, caller: Caller, secrets: WebhookSecrets) -> None:
        """Prepare; nothing is sent before ``turn``."""
        self._records = records
        self._caller = caller
        self._secrets = secrets

    def turn(self) -> bool:
        """Try one delivery that is due; False where none is."""
        claimed = self._claim()
        if claimed is None:
            return False
        began = time.monotonic()
        answer = self._send(claimed)
        self._settle(claimed, answer, int((time.monotonic() - began) * 1000))
        return True

    def _claim(self) -> _Claimed | None:
        """Take the next delivery; whoever dies with it leaves it to others after a minute."""
        now = now_ms()
        due = (WebhookDelivery.state == DeliveryState.PENDING.value, WebhookDelivery.due_ms <= now)
        with self._records.read() as session:
            if session.scalar(select(WebhookDelivery.id).where(*due).limit(1)) is None:
                return None
        with self._records.begin() as session:
            wanted = select(WebhookDelivery).where(*due).order_by(WebhookDelivery.due_ms).limit(1)
            row = session.scalar(wanted.with_for_update(skip_locked=True))
            if row is None:
                return None
            row.attempts += 1
            row.due_ms = now + _LEASE_MS
            endpoint = session.get_one(WebhookEndpoint, row.endpoint_id)
            return self._prepared(row, endpoint, now)

    def _prepared(self, row: WebhookDelivery, endpoint: WebhookEndpoint, now: int) -> _Claimed:
        problem = "the endpoint is disabled" if endpoint.disabled_ms is not None else None
        try:
            keys = self._secrets.keys(endpoint, now)
        except SecretError as error:
            keys, problem = [], str(error)
        return _Claimed(row.id, endpoint.url, row.body.encode(), keys, problem)

    def _send(self, claimed: _Claimed) -> Response:
        if claimed.problem:
            return Response(None, reason=claimed.problem, was_sent=False)
        headers = signed_headers(claimed.id, now_ms() // 1000, claimed.body, claimed.keys)
        headers |= {"content-type": "application/json", "user-agent": "fengsui"}
        try:
            seconds = run_policy().webhooks.answer_seconds
            return self._caller.send(Request("POST", claimed.url, headers, claimed.body, seconds))
        except ActionError as error:
            return Response(None, reason=str(error), was_sent=False)

    def _settle(self, claimed: _Claimed, answer: Response, milliseconds: int) -> None:
        policy, now = run_policy().webhooks, now_ms()
        with self._records.begin() as session:
            row = session.get_one(WebhookDelivery, claimed.id, with_for_update=True)
            session.add(
                WebhookAttempt(
                    delivery_id=row.id,
                    at_ms=now,
                    milliseconds=milliseconds,
                    status=answer.status,
                    outcome="delivered" if answer.is_success else answer.reason[:32],
                    answer=answer.body.decode("utf-8", "replace").replace("\0", "")[: policy.kept_bytes]
                    or answer.reason,
                )
            )
            endpoint = session.get_one(WebhookEndpoint, row.endpoint_id, with_for_update=True)
            if answer.is_success:
                endpoint.failures = 0
                row.state, row.ended_ms, row.due_ms = DeliveryState.DELIVERED.value, now, None
                _resume(session, row, "done", {"status": str(answer.status)})
            elif claimed.problem or answer.status == _GONE or row.attempts >= row.most_attempts:
                row.state, row.ended_ms, row.due_ms = DeliveryState.FAILED.value, now, None
                _resume(session, row, "failed", {"reason": f"not delivered after {row.attempts}: {answer.reason}"})
                if not claimed.problem:
                    _give_up(session, endpoint, answer)
            else:
                row.due_ms = now + _wait_ms(row.attempts)


def _give_up(session: Session, endpoint: WebhookEndpoint, answer: Response) -> None:
    """Count a delivery that was given up; after as many as policy says, or when it is gone, call it no more."""
    endpoint.failures += 1
    if answer.status == _GONE:
        disable_unheard(session, endpoint, DisabledBecause.GONE, now_ms())
    elif endpoint.failures >= run_policy().webhooks.disabled_after:
        disable_unheard(session, endpoint, DisabledBecause.FAILURES, now_ms())


def _wait_ms(attempts: int) -> int:
    policy = run_policy().webhooks
    seconds = min(policy.first_wait_seconds * 4 ** (attempts - 1), policy.longest_wait_seconds)
    return int(seconds * 1000 * random.uniform(0.8, 1.2))  # noqa: S311 (spreads retries, guards nothing)


def _resume(session: Session, row: WebhookDelivery, state: str, values: dict[str, str]) -> None:
    """Let the branch that waits for a delivery go on, or wait for the receiver's own word."""
    token = session.get(Token, row.token_id) if row.token_id is not None else None
    if token is None:
        return
    lock_run(session, token.run_id)
    session.refresh(token)  # until then another may have moved it
    is_asked = (token.question or {}).get("operation") == row.id
    if not is_asked or token.state != TokenState.WAITING or token.wait != Wait.DELIVERY:
        return
    if state == "done" and (token.question or {}).get("wait_for_callback"):
        token.wait = Wait.CALLBACK.value
        return
    token.state = TokenState.READY.value
    token.due_ms = None
    token.answer = {
        "wait": Wait.DELIVERY.value,
        "state": state,
        "values": values,
        "reason": values.get("reason", ""),
    }
