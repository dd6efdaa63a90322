"""What callers of the API say of assessments."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends
from pydantic import AwareDatetime, BaseModel, Field, StringConstraints

from compliance import Judgment, ReportFormat
from policies.compliance.language import Language

Ref = Annotated[str, StringConstraints(pattern=r"^\d+(\.\d+){3}( [a-z])?$")]
Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-fA-F]{64}$")]
Words = Annotated[str, Field(min_length=1, max_length=4000)]


def _place(system_id: str, assessment_id: str) -> tuple[str, str]:
    return system_id, assessment_id


Place = Annotated[tuple[str, str], Depends(_place)]
"""The ids of a system and of one of its assessments, as an address names them."""


class DecisionRequest(BaseModel):
    """A judgment by a person, and why."""

    judgment: Judgment
    reason: Words


class AttestationRequest(BaseModel):
    """What is attested; the digest is the document's SM3 in hexadecimal. Without an end, that of policy."""

    ref: Ref
    judgment: Judgment
    statement: Words
    document: Annotated[str, Field(min_length=1, max_length=255)]
    document_digest: Digest
    valid_until: AwareDatetime | None = None


class GapNoticesRequest(BaseModel):
    """The gaps that become notices."""

    refs: Annotated[list[Ref], Field(min_length=1, max_length=50)]


class ReportRequest(BaseModel):
    """What a report is written as, and in which language."""

    format: ReportFormat = ReportFormat.WORD
    language: Language = "zh"
