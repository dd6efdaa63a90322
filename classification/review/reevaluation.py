"""What a scan does to a finding that is known: people's decisions stand, and what speaks against them stands beside."""

from __future__ import annotations

from classification.review.authorship import SYSTEM
from classification.review.models import Disagreement, Finding, FindingState
from classification.review.observation import Evidence, kinds_of


def is_decided(row: Finding) -> bool:
    """Whether people decided on it."""
    return row.state in (FindingState.CONFIRMED.value, FindingState.REJECTED.value)


def is_of_a_person(row: Finding) -> bool:
    """Whether a scan may no longer change it: people decided on it, or proposed or edited it."""
    return is_decided(row) or row.proposed_by != SYSTEM


def disagreement_when_seen(row: Finding, evidence: Evidence) -> Disagreement | None:
    """What it means that a scan saw the finding: something only where people rejected it on other evidence."""
    if row.state != FindingState.REJECTED.value:
        return None
    newer = evidence["detector_version"] != row.evidence.get("detector_version")
    return Disagreement.SEEN if newer or kinds_of(evidence) - kinds_of(row.evidence) else None


def disagreement_when_missed(row: Finding) -> Disagreement | None:
    """What it means that a scan looked and saw nothing: something where people confirmed what scans had seen."""
    seen_before = row.state == FindingState.CONFIRMED.value and bool(row.evidence.get("scan_id"))
    return Disagreement.NOT_SEEN if seen_before else None


def is_taken_back(row: Finding, detector_version: str) -> bool:
    """Whether a suggestion that nobody touched falls: newer detectors looked and don't see it."""
    untouched = row.state == FindingState.SUGGESTED.value and not is_of_a_person(row)
    return untouched and row.detector_version != detector_version
