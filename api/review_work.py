"""What people do with findings over the API and in the console: each within their units, under their name."""

from __future__ import annotations

from collections.abc import Sequence

from api.access import signed_in
from api.caller import Caller
from api.dependencies import ApiDependencies
from audit.authorship import ChangedBy
from classification.review import (
    Amendment,
    BulkOutcome,
    Confirmation,
    Finding,
    Proposal,
    Rejection,
    SuggestionOutcome,
    amend,
    confirm,
    decide_many,
    propose,
    reject,
    suggest_from_catalog,
)
from events import now_ms
from registry import UnitScope

READ, REVIEW = "classification:read", "classification:review"


def reviewer(caller: Caller) -> ChangedBy:
    """The caller as steps of review record them: by the account that answers, also behind an API key."""
    principal, origin = signed_in(caller), caller.origin
    return ChangedBy(principal.actor, now_ms(), origin.request_id, origin.source_address, principal.user_id)


def readable(caller: Caller) -> UnitScope:
    """The units whose findings the caller may see."""
    return signed_in(caller).unit_scope(READ)


def confirm_finding(
    dependencies: ApiDependencies, finding_id: str, confirmation: Confirmation, caller: Caller
) -> Finding:
    """Decide that a finding is so."""
    with dependencies.records.begin() as session:
        return confirm(session, _reviewable(caller), finding_id, confirmation, reviewer(caller))


def reject_finding(dependencies: ApiDependencies, finding_id: str, rejection: Rejection, caller: Caller) -> Finding:
    """Decide that a finding is not so."""
    with dependencies.records.begin() as session:
        return reject(session, _reviewable(caller), finding_id, rejection, reviewer(caller))


def amend_finding(dependencies: ApiDependencies, finding_id: str, amendment: Amendment, caller: Caller) -> Finding:
    """Put a finding to review again."""
    with dependencies.records.begin() as session:
        return amend(session, _reviewable(caller), finding_id, amendment, reviewer(caller))


def propose_finding(dependencies: ApiDependencies, proposal: Proposal, caller: Caller) -> Finding:
    """Put a finding of one's own to review."""
    with dependencies.records.begin() as session:
        return propose(session, _reviewable(caller), proposal, reviewer(caller))


def decide_findings(
    dependencies: ApiDependencies, finding_ids: Sequence[str], decision: Confirmation | Rejection, caller: Caller
) -> BulkOutcome:
    """Take one decision on many findings."""
    with dependencies.records.begin() as session:
        return decide_many(session, _reviewable(caller), finding_ids, decision, reviewer(caller))


def suggest_by_catalog(
    dependencies: ApiDependencies, resource_ids: Sequence[str], caller: Caller
) -> dict[str, SuggestionOutcome]:
    """Suggest what the catalog's names and comments say."""
    with dependencies.records.begin() as session:
        return suggest_from_catalog(session, _reviewable(caller), reviewer(caller), resource_ids)


def _reviewable(caller: Caller) -> UnitScope:
    return signed_in(caller).unit_scope(REVIEW)
