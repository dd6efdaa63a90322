"""Review: what scans suggest is confirmed or rejected by people, by another than proposed it, and never forgotten."""

from classification.review.authorship import SYSTEM, by_itself
from classification.review.bulk import BulkOutcome, decide_many
from classification.review.catalog import suggest_from_catalog
from classification.review.decisions import Amendment, Confirmation, Rejection, amend, confirm, reject
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
from classification.review.proposals import Proposal, propose
from classification.review.publication import decide_grade, publish
from classification.review.repository import (
    FindingFilter,
    count_findings,
    finding_steps,
    get_finding,
    last_looks,
    list_findings,
)
from classification.review.suggestions import SuggestionOutcome, suggest
from classification.review.words import kept_words

__all__ = [
    "SYSTEM",
    "Amendment",
    "BulkOutcome",
    "ClassifiedResource",
    "Confirmation",
    "Disagreement",
    "FieldFinding",
    "Finding",
    "FindingFilter",
    "FindingNotFoundError",
    "FindingState",
    "FindingStep",
    "InvalidReviewError",
    "Proposal",
    "RejectReason",
    "Rejection",
    "ResourceScan",
    "ReviewConflictError",
    "ReviewError",
    "ReviewPolicy",
    "SamePersonError",
    "StepKind",
    "SuggestionOutcome",
    "amend",
    "by_itself",
    "confirm",
    "count_findings",
    "decide_grade",
    "decide_many",
    "finding_steps",
    "get_finding",
    "kept_words",
    "last_looks",
    "list_findings",
    "propose",
    "publish",
    "reject",
    "review_policy",
    "suggest",
    "suggest_from_catalog",
]
