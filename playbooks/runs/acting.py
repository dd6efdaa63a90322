"""Action steps: approval, then one operation after the other, each under an id that is stored before it is called."""

from __future__ import annotations

import hashlib
from typing import Any

from events import now_ms
from playbooks.actions.contract import Planned, Way
from playbooks.actions.own import OWN_COMMANDS, REFUSALS
from playbooks.actions.planning import plan_step
from playbooks.cacao.extension import ApprovalDemand, RetryDemand, extension_of
from playbooks.cacao.model import ActionStep, Playbook
from playbooks.errors import ActionError, VariableError
from playbooks.policy import run_policy
from playbooks.runs.approvals import ask, find_cover
from playbooks.runs.engine import Moving
from playbooks.runs.history import Line, tell_incident
from playbooks.runs.models import Operation, Token
from playbooks.runs.outcomes import after_failure, record_done, record_failed
from playbooks.runs.vocabulary import HistoryKind, OperationState, TokenState, Wait
from playbooks.webhooks.deliveries import NewDelivery, post

_MINUTE_MS = 60_000


def act(moving: Moving, token: Token, step: ActionStep) -> Operation | None:
    """Take an action step as far as it goes; returns an operation that is to be called."""
    if token.answer is not None and not _take_answer(moving, token):
        return None
    if token.position >= len(step.commands) * max(len(step.targets), 1):
        moving.tell(HistoryKind.STEP, "done", token)
        moving.go_to(token, step.after_success)
        return None
    try:
        plan = plan_step(moving.acting(), moving.playbook, step, moving.run.variables)
    except (ActionError, VariableError) as error:
        moving.fail(token, str(error))
        return None
    planned = plan[token.position]
    if not _is_allowed(moving, token, planned, plan):
        return None
    return _begin(moving, token, step, planned)


def operation_id_of(token: Token) -> str:
    """The id of the operation at which a branch stands; the same however often it is asked for."""
    place = f"{token.run_id}|{token.step_id}|{token.visit}|{token.position}"
    return "op_" + hashlib.sha256(place.encode()).hexdigest()[:40]


def demand_for(playbook: Playbook, step_id: str) -> ApprovalDemand | None:
    """The approval that a step needs: its own, or that of the step which covers it."""
    step = playbook.workflow[step_id]
    own = extension_of(step).approval if isinstance(step, ActionStep) else None
    if own is not None:
        return own
    others = (extension_of(each).approval for each in playbook.workflow.values() if isinstance(each, ActionStep))
    covering = next((each for each in others if each is not None and step_id in each.covers), None)
    return covering.model_copy(update={"covers": []}) if covering else None


def entries_of(step_id: str, step: ActionStep, plan: list[Planned]) -> list[dict[str, Any]]:
    """A step's part of what an approver sees."""
    return [
        {
            "step": step_id,
            "name": step.name,
            "position": position,
            "kind": each.kind,
            "payload": each.payload,
            "digest": each.digest,
        }
        for position, each in enumerate(plan)
    ]


def _is_allowed(moving: Moving, token: Token, planned: Planned, plan: list[Planned]) -> bool:
    """Whether the operation needs no approval or has one for exactly this; else it is asked for."""
    demand = demand_for(moving.playbook, token.step_id)
    if demand is None or find_cover(moving.session, token, token.position, planned.digest):
        return True
    if find_operation(moving, token) is not None:
        moving.fail(token, "what is to be done changed after it was begun; start another run")
        return False
    step = moving.playbook.workflow[token.step_id]
    entries = entries_of(token.step_id, step, plan) if isinstance(step, ActionStep) else []
    for covered in demand.covers:
        later = moving.playbook.workflow[covered]
        if isinstance(later, ActionStep):
            try:
                plan_later = plan_step(moving.acting(), moving.playbook, later, moving.run.variables)
            except (ActionError, VariableError):
                continue  # can't be resolved yet: it will be asked for when it can
            entries += entries_of(covered, later, plan_later)
    ask(moving.session, moving.run, token, demand, entries)
    return False


def find_operation(moving: Moving, token: Token) -> Operation | None:
    """The operation at which a branch stands, once it was begun."""
    if moving.has_just_entered(token):
        return None
    with moving.session.no_autoflush:
        return moving.session.get(Operation, operation_id_of(token))


def _begin(moving: Moving, token: Token, step: ActionStep, planned: Planned) -> Operation | None:
    operation = find_operation(moving, token)
    if operation is None:
        operation = _store(moving, token, planned)
    elif operation.payload_digest != planned.digest:
        moving.fail(token, f"operation {operation.id} was begun with another payload; start another run")
        return None
    elif operation.state == OperationState.FAILED:
        operation.state, operation.process = OperationState.STARTED.value, moving.process
        operation.attempts += 1
        tell_incident(moving.session, moving.run, _line("tried_again", operation))
    if planned.way is Way.CALL:
        return operation
    if planned.way is Way.INSIDE:
        _carry_out(moving, token, operation)
    elif planned.way is Way.DELIVERY:
        _deliver(moving, token, step, operation)
    else:
        _ask_person(moving, token, step, operation)
    return None


def _store(moving: Moving, token: Token, planned: Planned) -> Operation:
    operation = Operation(
        id=operation_id_of(token),
        run_id=token.run_id,
        token_id=token.id,
        step_id=token.step_id,
        kind=planned.kind,
        payload=planned.payload,
        payload_digest=planned.digest,
        state=OperationState.STARTED.value,
        attempts=1,
        process=moving.process,
        started_ms=now_ms(),
    )
    moving.session.add(operation)
    moving.run.state = "running"
    tell_incident(moving.session, moving.run, _line("started", operation))
    return operation


def _line(code: str, operation: Operation, text: str = "") -> Line:
    return Line(HistoryKind.OPERATION, code, operation.step_id, operation.id, text, {"kind": operation.kind})


def _carry_out(moving: Moving, token: Token, operation: Operation) -> None:
    """Do it and write down that it was done, in one transaction: it happens once or not at all."""
    try:
        with moving.session.begin_nested():
            result = OWN_COMMANDS[operation.kind].carry_out(moving.acting(), operation.payload)
    except REFUSALS as error:
        record_failed(moving, operation, str(error))
        after_failure(moving, token, operation, RetryDemand())
        return
    if operation.kind == "fengsui-open-incident" and moving.run.incident_id is None:
        moving.run.incident_id = result["incident_id"]
    record_done(moving, token, operation, {"members": result})


def _deliver(moving: Moving, token: Token, step: ActionStep, operation: Operation) -> None:
    token.state, token.wait = TokenState.WAITING.value, Wait.DELIVERY.value
    payload = operation.payload
    token.question = {"operation": operation.id, "wait_for_callback": payload["wait_for_callback"]}
    if payload["wait_for_callback"]:
        token.due_ms = now_ms() + (step.timeout or run_policy().waits.answer * _MINUTE_MS)
    message = NewDelivery(operation.id, payload["endpoint"], payload["type"], payload["data"], token.id)
    post(moving.session, message)
    moving.tell(HistoryKind.WAITING, Wait.DELIVERY.value, token)


def _ask_person(moving: Moving, token: Token, step: ActionStep, operation: Operation) -> None:
    minutes = run_policy().waits.answer
    token.state, token.wait = TokenState.WAITING.value, Wait.ANSWER.value
    token.due_ms = now_ms() + (step.timeout or minutes * _MINUTE_MS)
    schema = extension_of(step).answer or {
        "type": "object",
        "properties": {name: {"type": ["string", "boolean", "number"]} for name in step.out_args},
        "required": list(step.out_args),
        "additionalProperties": False,
    }
    token.question = {**operation.payload, "operation": operation.id, "schema": schema}
    tell_incident(moving.session, moving.run, Line(HistoryKind.WAITING, Wait.ANSWER.value, token.step_id, operation.id))


def _take_answer(moving: Moving, token: Token) -> bool:
    """Take what a wait came to; returns whether the step is still to be gone on with."""
    answer, token.answer, token.question = token.answer or {}, None, None
    operation = find_operation(moving, token)
    wait, state = answer.get("wait"), answer.get("state")
    if wait == Wait.APPROVAL:
        if state != "approved":
            reason = f"the approval was {'rejected' if state == 'rejected' else 'not given in time'}"
            demand = demand_for(moving.playbook, token.step_id)
            moving.fail(token, reason, demand.on_refusal if demand else None)
            return False
    elif operation is not None and wait != Wait.RETRY:
        if state == "done":
            record_done(moving, token, operation, {"members": answer.get("values", {})})
        elif state == "repeat":
            operation.state, operation.process = OperationState.FAILED.value, moving.process
        else:
            record_failed(moving, operation, str(answer.get("reason", "nobody answered in time")))
            moving.fail(token, str(answer.get("reason", "nobody answered in time")))
            return False
    return True
