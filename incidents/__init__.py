"""What people do about alerts: triage, each step appended to the alert's history and to the audit trail."""

from incidents.policy import DispositionPolicy, disposition_policy
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
    "Step",
    "StepKind",
    "TriagedBy",
    "disposition_policy",
    "triage",
    "triage_many",
]
