"""Signed calls that come in: a receiver says what it did; each call counts once, whoever repeats it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from audit import Actor
from audit.authorship import Change, ChangedBy, audit_change
from playbooks.errors import InvalidAnswerError, RunConflictError, SignatureError, WebhookNotFoundError
from playbooks.policy import run_policy
from playbooks.runs.history import Line, tell_incident
from playbooks.runs.models import Run, Token
from playbooks.runs.repository import lock_run
from playbooks.runs.vocabulary import HistoryKind, TokenState, Wait
from playbooks.webhooks.endpoints import WebhookSecrets
from playbooks.webhooks.models import WebhookCallback, WebhookDelivery, WebhookEndpoint
from playbooks.webhooks.signature import verify


class CallbackBody(BaseModel):
    """What a receiver says of an operation."""

    model_config = ConfigDict(extra="forbid")

    operation: str = Field(min_length=1, max_length=64)
    outcome: str = Field(pattern="^(done|failed)$")
    reason: str = Field("", max_length=2000)
    values: dict[str, Any] = Field(default_factory=dict, max_length=64)


@dataclass(frozen=True, slots=True)
class Callback:
    """A call as it came: headers with lower-case names, the body's exact bytes."""

    endpoint_id: str
    headers: Mapping[str, str]
    body: bytes
    at_ms: int
    source_address: str | None = None


def take_callback(session: Session, callback: Callback, secrets: WebhookSecrets) -> bool:
    """Take a call; False where it was taken before and changes nothing.

    Raises:
        SignatureError: it is not signed by the endpoint, or too old.
        InvalidAnswerError: its body is not of the form that is asked for.
        RunConflictError: its id was used for another body.
        WebhookNotFoundError: the endpoint was never asked for this operation.
    """
    endpoint = session.get(WebhookEndpoint, callback.endpoint_id)
    if endpoint is None or endpoint.disabled_ms is not None:
        raise SignatureError("no known secret signed the call; use the endpoint's present secret")
    tolerance = run_policy().webhooks.tolerance_seconds
    keys = secrets.keys(endpoint, callback.at_ms)
    call_id = verify(callback.headers, callback.body, keys, callback.at_ms // 1000, tolerance)
    digest = hashlib.new("sm3", callback.body).hexdigest()
    known = session.get(WebhookCallback, (call_id, endpoint.id))
    if known is not None:
        if known.digest != digest:
            raise RunConflictError("This webhook-id was used for another body; use a new one for each message")
        return False
    said = _said(callback.body)
    session.add(WebhookCallback(id=call_id, endpoint_id=endpoint.id, at_ms=callback.at_ms, digest=digest))
    _apply(session, endpoint, said, callback)
    return True


def _said(body: bytes) -> CallbackBody:
    try:
        return CallbackBody.model_validate(json.loads(body))
    except (ValidationError, ValueError, RecursionError) as error:
        raise InvalidAnswerError("The body is JSON with operation, outcome (done or failed), reason, values") from error


def _apply(session: Session, endpoint: WebhookEndpoint, said: CallbackBody, callback: Callback) -> None:
    wanted = (WebhookDelivery.id == said.operation, WebhookDelivery.endpoint_id == endpoint.id)
    delivery = session.scalar(select(WebhookDelivery).where(*wanted))
    if delivery is None:
        raise WebhookNotFoundError("This endpoint was not asked for such an operation; send the id that it was given")
    by = ChangedBy(
        Actor("system", f"webhook:{endpoint.id}", endpoint.name), callback.at_ms, None, callback.source_address
    )
    after = {"operation": said.operation, "outcome": said.outcome}
    audit_change(session, Change("webhook", "callback", endpoint.id, said.reason or None, None, after), by)
    token = session.get(Token, delivery.token_id) if delivery.token_id is not None else None
    if token is None:
        return
    run: Run = lock_run(session, token.run_id)
    session.refresh(token)
    line = Line(HistoryKind.CALL, said.outcome, token.step_id, said.operation, said.reason)
    tell_incident(session, run, line, by)
    asked = (token.question or {}).get("operation") == said.operation
    if asked and token.state == TokenState.WAITING and token.wait in {Wait.CALLBACK, Wait.DELIVERY}:
        token.state, token.due_ms = TokenState.READY.value, None
        values = {name: str(value) for name, value in said.values.items()}
        token.answer = {"wait": Wait.CALLBACK.value, "state": said.outcome, "values": values, "reason": said.reason}
