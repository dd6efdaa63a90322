"""One decision on many findings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from audit.authorship import ChangedBy
from classification.review.decisions import Confirmation, Rejection, decide
from classification.review.errors import (
    FindingNotFoundError,
    InvalidReviewError,
    ReviewConflictError,
    SamePersonError,
)
from classification.review.policy import review_policy
from classification.review.publication import publish
from registry.scope import UnitScope


@dataclass(frozen=True, slots=True)
class BulkOutcome:
    """What a decision did to many findings; ``failed`` says why for each finding that it did not change."""

    changed: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)


def decide_many(
    session: Session,
    scope: UnitScope,
    finding_ids: Sequence[str],
    decision: Confirmation | Rejection,
    by: ChangedBy,
) -> BulkOutcome:
    """Confirm or reject many findings; those that can't be are named and stay as they are.

    Raises:
        InvalidReviewError: the decision itself is not valid, or there are more findings than policy allows at once.
    """
    maximum = review_policy().bulk_maximum
    if len(finding_ids) > maximum:
        raise InvalidReviewError(
            f"At most {maximum} findings are decided at once, not {len(finding_ids)}; select fewer"
        )
    outcome, resources = BulkOutcome(), set()
    for finding_id in dict.fromkeys(finding_ids):
        try:
            resources.add(decide(session, scope, finding_id, decision, by).resource_id)
        except (FindingNotFoundError, ReviewConflictError, SamePersonError) as error:
            outcome.failed[finding_id] = str(error)
        else:
            outcome.changed.append(finding_id)
    for resource_id in sorted(resources):
        publish(session, resource_id, by)
    return outcome
