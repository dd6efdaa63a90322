"""Rows of playbooks, runs, approvals and webhooks as documents."""

from __future__ import annotations

import json

from sqlalchemy.orm import Session

from api.playbook_documents import (
    ApprovalDocument,
    AttemptDocument,
    DeliveryDetail,
    DeliveryDocument,
    EndpointDocument,
    HistoryDocument,
    OperationDocument,
    PlaybookDetail,
    PlaybookDocument,
    QuestionDocument,
    RunDetail,
    RunDocument,
)
from playbooks.credentials import hidden
from playbooks.library import Listed
from playbooks.runs.models import Approval, Run
from playbooks.runs.repository import approvals_of, history_of, operations_of, tokens_of
from playbooks.runs.vocabulary import TokenState
from playbooks.runs.walking import playbook_of
from playbooks.webhooks.models import WebhookDelivery, WebhookEndpoint
from playbooks.webhooks.repository import attempts_of


def playbook_document(listed: Listed) -> PlaybookDocument:
    """A playbook as it is listed."""
    playbook = listed.loaded.playbook
    return PlaybookDocument(
        id=playbook.id,
        name=playbook.name,
        description=playbook.description,
        source="shipped" if listed.source == "shipped" else "added",
        modified=playbook.modified,
        digest=listed.loaded.digest,
        revoked=playbook.revoked,
        labels=playbook.labels,
        steps=len(playbook.workflow),
        external_variables={
            name: each.description for name, each in playbook.playbook_variables.items() if each.external
        },
    )


def playbook_detail(listed: Listed) -> PlaybookDetail:
    """A playbook with its document."""
    return PlaybookDetail(**dict(playbook_document(listed)), document=hidden(json.loads(listed.loaded.text)))


def run_document(run: Run) -> RunDocument:
    """A run as it is listed."""
    return RunDocument.model_validate(
        {
            **{
                name: getattr(run, name) for name in ("id", "playbook_id", "playbook_name", "digest", "state", "origin")
            },
            **{name: getattr(run, name) for name in ("origin", "unit_id", "incident_id", "alert_id", "problem")},
            "requested_by": run.requested_name,
            "started": run.started_ms,
            "ended": run.ended_ms,
        }
    )


def run_detail(session: Session, run: Run) -> RunDetail:
    """A run with everything that happened in it."""
    waiting = [
        QuestionDocument(
            token=each.id, step_id=each.step_id, wait=each.wait or "", due=each.due_ms, question=each.question
        )
        for each in tokens_of(session, run.id, TokenState.WAITING)
    ]
    operations = [
        OperationDocument.model_validate(
            {
                **{name: getattr(each, name) for name in ("id", "step_id", "kind", "state", "attempts")},
                "payload": each.payload,
                "result": each.result,
                "started": each.started_ms,
                "ended": each.ended_ms,
            }
        )
        for each in operations_of(session, run.id)
    ]
    return RunDetail(
        **dict(run_document(run)),
        variables=run.variables,
        step_names={
            step_id: step.name or step.type for step_id, step in playbook_of(session, run.digest).workflow.items()
        },
        waiting=waiting,
        operations=operations,
        approvals=[approval_document(each, run) for each in approvals_of(session, run.id)],
        history=_history(session, run),
    )


def _history(session: Session, run: Run) -> list[HistoryDocument]:
    names = ("id", "kind", "code", "step_id", "operation_id", "actor", "text", "detail")
    return [
        HistoryDocument.model_validate({"at": each.at_ms, **{name: getattr(each, name) for name in names}})
        for each in history_of(session, run.id)
    ]


def approval_document(approval: Approval, run: Run) -> ApprovalDocument:
    """An approval with what its run is."""
    names = ("id", "run_id", "step_id", "role", "state", "plan", "plan_digest", "reason")
    return ApprovalDocument.model_validate(
        {
            **{name: getattr(approval, name) for name in names},
            "playbook_name": run.playbook_name,
            "requested_by": run.requested_name,
            "incident_id": run.incident_id,
            "requested": approval.requested_ms,
            "expires": approval.expires_ms,
            "decided": approval.decided_ms,
            "decided_by": approval.decided_name,
        }
    )


def endpoint_document(row: WebhookEndpoint) -> EndpointDocument:
    """An endpoint without its secrets."""
    names = ("id", "name", "url", "unit_id", "created_by", "disabled_because", "failures")
    return EndpointDocument.model_validate(
        {
            **{name: getattr(row, name) for name in names},
            "created": row.created_ms,
            "disabled": row.disabled_ms,
            "former_secret_until": row.former_until_ms,
        }
    )


def delivery_document(row: WebhookDelivery) -> DeliveryDocument:
    """A delivery as it is listed."""
    return DeliveryDocument.model_validate(
        {
            **{
                name: getattr(row, name) for name in ("id", "endpoint_id", "type", "state", "attempts", "most_attempts")
            },
            "created": row.created_ms,
            "due": row.due_ms,
            "ended": row.ended_ms,
        }
    )


def delivery_detail(session: Session, row: WebhookDelivery) -> DeliveryDetail:
    """A delivery with its log."""
    log = [
        AttemptDocument(
            at=each.at_ms,
            milliseconds=each.milliseconds,
            status=each.status,
            outcome=each.outcome,
            answer=each.answer,
        )
        for each in attempts_of(session, row.id)
    ]
    return DeliveryDetail(**dict(delivery_document(row)), body=row.body, log=log)
