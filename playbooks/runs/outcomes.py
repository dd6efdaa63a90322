"""What follows from what became of an operation."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

from events import now_ms
from playbooks.cacao.extension import RetryDemand
from playbooks.cacao.model import ActionStep
from playbooks.errors import VariableError
from playbooks.policy import run_policy
from playbooks.runs.engine import Moving
from playbooks.runs.history import Line, tell_incident
from playbooks.runs.models import Operation, Token
from playbooks.runs.vocabulary import HistoryKind, OperationState, TokenState, Wait

_MINUTE_MS = 60_000
_LONGEST_BACKOFF_SECONDS = 3600.0


def record_done(moving: Moving, token: Token, operation: Operation, result: Mapping[str, Any]) -> None:
    """The operation happened: keep its result, give ``out_args`` their values, go on to the next command."""
    operation.state, operation.ended_ms, operation.result = OperationState.DONE.value, now_ms(), dict(result)
    line = Line(HistoryKind.OPERATION, "done", operation.step_id, operation.id, detail={"kind": operation.kind})
    tell_incident(moving.session, moving.run, line)
    if token.state == TokenState.SPENT:
        return
    step = moving.step_of(token)
    if isinstance(step, ActionStep):
        try:
            moving.assign(step, _values(step, result))
        except VariableError as error:
            moving.fail(token, str(error))
            return
    token.position += 1
    token.state, token.wait, token.due_ms = TokenState.READY.value, None, None


def record_failed(moving: Moving, operation: Operation, reason: str) -> None:
    """The operation did not happen."""
    operation.state, operation.ended_ms, operation.result = OperationState.FAILED.value, now_ms(), {"reason": reason}
    line = Line(HistoryKind.OPERATION, "failed", operation.step_id, operation.id, reason, {"kind": operation.kind})
    tell_incident(moving.session, moving.run, line)


def after_failure(moving: Moving, token: Token, operation: Operation, retry: RetryDemand) -> None:
    """Try again later where the step says so, under the same operation id; else the step fails."""
    if token.state == TokenState.SPENT:
        return
    if operation.attempts >= retry.attempts:
        moving.fail(token, str((operation.result or {}).get("reason", "failed")))
        return
    wait = min(retry.first_wait_seconds * 2 ** (operation.attempts - 1), _LONGEST_BACKOFF_SECONDS)
    token.state, token.wait = TokenState.WAITING.value, Wait.RETRY.value
    token.due_ms = now_ms() + int(wait * 1000 * random.uniform(0.8, 1.2))  # noqa: S311 (spreads retries, guards nothing)
    moving.tell(HistoryKind.WAITING, Wait.RETRY.value, token)


def ask_what_became(moving: Moving, token: Token, operation: Operation, reason: str) -> None:
    """Nobody can tell whether the operation happened, and repeating might double it: a person says."""
    operation.state = OperationState.UNKNOWN.value
    line = Line(HistoryKind.OPERATION, "unknown", operation.step_id, operation.id, reason)
    tell_incident(moving.session, moving.run, line)
    if token.state == TokenState.SPENT:
        return
    token.state, token.wait = TokenState.WAITING.value, Wait.UNKNOWN.value
    token.due_ms = now_ms() + run_policy().waits.unknown * _MINUTE_MS
    token.question = {"operation": operation.id, "kind": operation.kind, "reason": reason}


def _values(step: ActionStep, result: Mapping[str, Any]) -> dict[str, str | None]:
    """Values for ``out_args``: the answer's member of the same name (with or without underscores), else the answer."""
    members = result.get("members", {})
    values: dict[str, str | None] = {}
    for name in step.out_args:
        plain = name.strip("_")
        found = members.get(name, members.get(plain))
        if found is None and len(step.out_args) == 1 and "body" in result:
            found = result["body"]
        if found is not None:
            values[name] = str(found).lower() if isinstance(found, bool) else str(found)
    return values
