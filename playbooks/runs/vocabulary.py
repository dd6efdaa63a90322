"""The words of runs, as codes that never change."""

from __future__ import annotations

from enum import StrEnum


class RunState(StrEnum):
    """Where a run stands; a rejected one ended because an approval was refused or ran out."""

    RUNNING = "running"
    WAITING = "waiting"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    REJECTED = "rejected"
    CANCELLED = "cancelled"


ENDED = frozenset({RunState.SUCCEEDED, RunState.FAILED, RunState.REJECTED, RunState.CANCELLED})


class RunOrigin(StrEnum):
    """What started a run."""

    PERSON = "person"
    POLICY = "policy"
    PLAYBOOK = "playbook"


class TokenState(StrEnum):
    """Where one branch of a run stands: to be moved, waiting, open above its branches, or at its end."""

    READY = "ready"
    WAITING = "waiting"
    OPEN = "open"
    SPENT = "spent"


class Wait(StrEnum):
    """What a branch waits for."""

    DELAY = "delay"
    APPROVAL = "approval"
    ANSWER = "answer"
    RETRY = "retry"
    DELIVERY = "delivery"
    PLAYBOOK = "playbook"
    UNKNOWN = "unknown"
    CALLBACK = "callback"


class OperationState(StrEnum):
    """What became of one action; ``unknown`` until it is probed or a person says."""

    STARTED = "started"
    DONE = "done"
    FAILED = "failed"
    UNKNOWN = "unknown"


class ApprovalState(StrEnum):
    """Where an approval stands; without a decision it expires, which is a rejection."""

    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


class HistoryKind(StrEnum):
    """What a line of a run's history tells of."""

    STARTED = "started"
    STEP = "step"
    BRANCHES = "branches"
    WAITING = "waiting"
    APPROVAL = "approval"
    ANSWER = "answer"
    OPERATION = "operation"
    CALL = "call"
    ENDED = "ended"
