"""Review: what scans suggest is confirmed or rejected by people, by another than proposed it, and never forgotten."""

from classification.review.authorship import SYSTEM, ReviewedBy, by_itself
from classification.review.errors import (
    FindingNotFoundError,
    InvalidReviewError,
    ReviewConflictError,
    ReviewError,
    SamePersonError,
)
from classification.review.models import (
    ClassifiedResource,
    Disagreement,
    Finding,
    FindingState,
    FindingStep,
    RejectReason,
    StepKind,
)
from classification.review.observation import FieldFinding, ResourceScan
from classification.review.policy import ReviewPolicy, review_policy
from classification.review.suggestions import SuggestionOutcome, suggest

__all__ = [
    "SYSTEM",
    "ClassifiedResource",
    "Disagreement",
    "FieldFinding",
    "Finding",
    "FindingNotFoundError",
    "FindingState",
    "FindingStep",
    "InvalidReviewError",
    "RejectReason",
    "ResourceScan",
    "ReviewConflictError",
    "ReviewError",
    "ReviewPolicy",
    "ReviewedBy",
    "SamePersonError",
    "StepKind",
    "SuggestionOutcome",
    "by_itself",
    "review_policy",
    "suggest",
]
