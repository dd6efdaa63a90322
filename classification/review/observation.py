"""What a scan saw in a resource, and the form in which it is kept: counts, words and masked samples."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from classification.columns import ColumnFinding
from classification.masking import mask
from classification.review.models import FIELD_LENGTH
from classification.review.policy import review_policy

Evidence = dict[str, object]
_DIGEST_DIGITS = 12


@dataclass(frozen=True, slots=True)
class FieldFinding:
    """One category found in one field; ``samples`` are values as they are, masked before anything keeps them."""

    field: str
    found: ColumnFinding
    samples: Sequence[object] = ()


@dataclass(frozen=True, slots=True)
class ResourceScan:
    """What a scan saw in one resource.

    Attributes:
        resource_id: the registry's id, or the source's own where the resource is not registered.
        resource_name: its name for people.
        scan_id: the scan.
        detector_version: changes whenever the detectors may judge otherwise.
        fields: every field that was looked at, also where nothing was found.
        findings: what was found.
        unit_id: whose it is where it is not registered.
        subjects: about how many subjects it is, None where that is not known.
    """

    resource_id: str
    resource_name: str
    scan_id: str
    detector_version: str
    fields: Sequence[str]
    findings: Sequence[FieldFinding]
    unit_id: str | None = None
    subjects: int | None = None


def evidence_of(scan: ResourceScan, seen: FieldFinding, at_ms: int) -> Evidence:
    """The evidence of a finding as it is kept and shown; JSON, without a raw value."""
    found = seen.found
    samples = [mask(value, found.category) for value in seen.samples[: review_policy().samples]]
    return {
        "confidence": found.confidence,
        "prevalence": found.prevalence,
        "prevalence_interval": list(found.prevalence_interval),
        "hits": found.hits,
        "values": found.values,
        "reasons": [each.document() for each in found.evidence],
        "samples": samples,
        "scan_id": scan.scan_id,
        "detector_version": scan.detector_version,
        "at": at_ms,
    }


def kinds_of(evidence: Mapping[str, object]) -> set[str]:
    """The kinds of reasons in an evidence."""
    reasons = evidence.get("reasons")
    return {str(each["kind"]) for each in reasons} if isinstance(reasons, list) else set()


def kept_field(name: str) -> str:
    """A field's name as it is kept: one too long is cut, and ends in a digest that keeps it apart from others."""
    if len(name) <= FIELD_LENGTH:
        return name
    digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGEST_DIGITS]
    return f"{name[: FIELD_LENGTH - _DIGEST_DIGITS - 1]}…{digest}"
