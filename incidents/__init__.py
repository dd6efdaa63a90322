"""What people do about alerts: triage, each step appended to the alert's history and to the audit trail."""

from incidents.policy import DispositionPolicy, disposition_policy
from incidents.repository import QueuePulse, count_similar, queue_pulse
from incidents.triage import (
    AlertNotFoundError,
    BulkOutcome,
    IncidentError,
    InvalidStepError,
    Step,
    StepKind,
    TriagedBy,
    triage,
    triage_many,
)

__all__ = [
    "AlertNotFoundError",
    "BulkOutcome",
    "DispositionPolicy",
    "IncidentError",
    "InvalidStepError",
    "QueuePulse",
    "Step",
    "StepKind",
    "TriagedBy",
    "count_similar",
    "disposition_policy",
    "queue_pulse",
    "triage",
    "triage_many",
]
