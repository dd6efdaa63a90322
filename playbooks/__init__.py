"""Automated response: CACAO playbooks, their durable runs, approvals, actions and webhooks.

A playbook is read and checked once (``cacao``), kept as a version, and run step by step (``runs``): each action has an
id that is stored before it is first called (``actions``), a run that waits holds no thread, and the worker
(``working``) goes on after a crash with what was left.
"""

from playbooks.actions.addresses import AddressGuard
from playbooks.actions.contract import Ports
from playbooks.actions.mail import MailSettings
from playbooks.credentials import Credentials
from playbooks.errors import (
    ActionError,
    ApprovalNotFoundError,
    InvalidAnswerError,
    InvalidPlaybookError,
    InvalidWebhookError,
    NotYourApprovalError,
    PlaybookError,
    PlaybookNotFoundError,
    Problem,
    RunConflictError,
    RunNotFoundError,
    SignatureError,
    VariableError,
    WebhookNotFoundError,
)
from playbooks.library import add_playbook, get_playbook, list_playbooks
from playbooks.runs.approvals import Decider, Decision, decide
from playbooks.runs.starting import Answer, NewRun, answer_run, cancel_run, start_run
from playbooks.triggers import proposals, response_policies
from playbooks.working import WorkSurroundings, build_worker

__all__ = [
    "ActionError",
    "AddressGuard",
    "Answer",
    "ApprovalNotFoundError",
    "Credentials",
    "Decider",
    "Decision",
    "InvalidAnswerError",
    "InvalidPlaybookError",
    "InvalidWebhookError",
    "MailSettings",
    "NewRun",
    "NotYourApprovalError",
    "PlaybookError",
    "PlaybookNotFoundError",
    "Ports",
    "Problem",
    "RunConflictError",
    "RunNotFoundError",
    "SignatureError",
    "VariableError",
    "WebhookNotFoundError",
    "WorkSurroundings",
    "add_playbook",
    "answer_run",
    "build_worker",
    "cancel_run",
    "decide",
    "get_playbook",
    "list_playbooks",
    "proposals",
    "response_policies",
    "start_run",
]
