"""Assessments, evidence, attestations, gaps and reports as the API shows them."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from api.moments import Moment
from compliance import (
    AssessedItem,
    Assessment,
    AssessmentSummary,
    Attestation,
    CheckResult,
    Gap,
    ItemRecord,
    Judgment,
    Report,
    ReportFormat,
    WorkState,
)
from policies.compliance.checks import check_policy
from policies.compliance.language import Language, Words
from policies.compliance.words import compliance_words

_HUNDREDTHS = 100


class AssessmentDocument(BaseModel):
    """An assessment; ``score`` and ``rate`` (per cent, items that hold in part left out) are null until it is done.

    ``problem`` says why it failed, as a code: ``gone``, ``no_levels``, ``invalid`` or ``broke``.
    """

    id: str
    system_id: str
    level_s: int
    level_a: int
    state: WorkState
    requested_by: str
    created: Moment
    assessed: Moment | None
    score: float | None
    rate: float | None
    problem: str | None


class ScoreLineDocument(BaseModel):
    """What an item cost: its factor, the part that failed, and the points."""

    ref: str
    judgment: Judgment
    factor: float
    failed_part: float
    points: float


class AssessmentDetail(AssessmentDocument):
    """A finished assessment: how many items were judged so, the score line by line, the rate both ways."""

    counts: dict[Judgment, int]
    high_risk: list[str]
    technical: float | None
    management: float | None
    grade: Words | None
    lines: list[ScoreLineDocument]
    rate_halved: float | None
    conclusion: Words | None


class ItemDocument(BaseModel):
    """An item and the judgment that holds; ``checks`` are those that speak for it."""

    ref: str
    label: Words
    layer: Words
    control_point: Words
    protects: str
    importance: str | None
    judgment: Judgment
    source: str
    reason: str
    checks: list[str]
    attestation_id: str | None
    decided_by: str | None
    at: Moment
    high_risk: list[str]


class ItemHistoryDocument(BaseModel):
    """One judgment of an item, in the order in which they were given."""

    model_config = ConfigDict(from_attributes=True)

    judgment: Judgment
    source: str
    reason: str
    actor: str | None
    at: Moment


class EvidenceDocument(BaseModel):
    """Something that a check looked at, with a masked sample."""

    origin: str
    name: Words
    query: str
    count: int
    start: Moment
    end: Moment
    sample: dict[str, str]


class CheckDocument(BaseModel):
    """How an automatic check came out."""

    check: str
    title: Words
    judgment: Judgment
    reason: Words
    checked: Moment
    evidence: list[EvidenceDocument]


class AttestationDocument(BaseModel):
    """What a person attested of an item of a system."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    ref: str
    judgment: Judgment
    statement: str
    document: str
    document_digest: str
    attested_by: str
    attested: Moment = Field(validation_alias="attested_ms")
    valid_until: Moment = Field(validation_alias="valid_until_ms")


class GapDocument(BaseModel):
    """An item that does not hold, who answers for it, and the number of its last notice."""

    ref: str
    label: Words
    judgment: Judgment
    is_high_risk: bool
    party: str
    unit_id: str
    unit: str
    days: int
    notice: int | None


class ReportDocument(BaseModel):
    """A report with its progress in per cent; ``digest`` is the SM3 of its bytes, as the audit trail has it."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    format: ReportFormat
    language: Language
    state: WorkState
    progress: int
    requested_by: str
    created: Moment = Field(validation_alias="created_ms")
    finished: Moment | None = Field(validation_alias="finished_ms")
    snapshot_digest: str
    digest: str | None
    problem: str | None


def assessment_document(row: Assessment) -> AssessmentDocument:
    """An assessment as it is shown."""
    return AssessmentDocument(
        id=row.id,
        system_id=row.system_id,
        level_s=row.level_s,
        level_a=row.level_a,
        state=WorkState(row.state),
        requested_by=row.requested_by,
        created=row.created_ms,
        assessed=row.assessed_ms,
        score=None if row.total is None else row.total / _HUNDREDTHS,
        rate=None if row.rate is None else row.rate / _HUNDREDTHS,
        problem=row.problem,
    )


def assessment_detail(row: Assessment, summary: AssessmentSummary) -> AssessmentDetail:
    """An assessment with what it adds up to."""
    score, rate = summary.score, summary.rate
    lines = (
        [] if score is None else [ScoreLineDocument.model_validate(e, from_attributes=True) for e in score.deductions]
    )
    return AssessmentDetail(
        **dict(assessment_document(row)),
        counts=summary.counts(),
        high_risk=[each.place.item.ref for each in summary.items if each.is_high_risk],
        technical=score and score.technical,
        management=score and score.management,
        grade=score and score.grade,
        lines=lines,
        rate_halved=rate and rate.halved,
        conclusion=rate and rate.conclusion,
    )


def item_document(each: AssessedItem) -> ItemDocument:
    """An item as it is shown."""
    item, record = each.place.item, each.record
    return ItemDocument(
        ref=item.ref,
        label=item.label,
        layer=each.place.domain.name,
        control_point=each.place.control_point.name,
        protects=item.sag.value,
        importance=item.importance,
        judgment=each.judgment,
        source=record.source,
        reason=record.reason,
        checks=record.checks,
        attestation_id=record.attestation_id,
        decided_by=record.actor,
        at=record.at,
        high_risk=list(item.high_risk) if each.is_high_risk else [],
    )


def history_document(row: ItemRecord) -> ItemHistoryDocument:
    """A judgment as it is shown."""
    return ItemHistoryDocument.model_validate(row)


def check_document(row: CheckResult) -> CheckDocument:
    """A check's outcome as it is shown."""
    check = check_policy().checks.get(row.check_id)
    return CheckDocument(
        check=row.check_id,
        title=check.title if check else Words(zh=row.check_id, en=row.check_id),
        judgment=Judgment(row.judgment),
        reason=compliance_words().reason(row.reason, row.figures),
        checked=row.checked_ms,
        evidence=[_evidence(each) for each in row.evidence],
    )


def attestation_document(row: Attestation) -> AttestationDocument:
    """An attestation as it is shown."""
    return AttestationDocument.model_validate(row)


def gap_document(gap: Gap, notice: int | None) -> GapDocument:
    """A gap as it is shown."""
    return GapDocument(
        ref=gap.ref,
        label=gap.item.place.item.label,
        judgment=gap.item.judgment,
        is_high_risk=gap.item.is_high_risk,
        party=gap.party,
        unit_id=gap.unit_id,
        unit=gap.unit_name,
        days=gap.days,
        notice=notice,
    )


def report_document(row: Report) -> ReportDocument:
    """A report as it is shown."""
    return ReportDocument.model_validate(row)


def _evidence(row: dict[str, object]) -> EvidenceDocument:
    name, period = row["name"], row["period"]
    if not isinstance(name, list) or not isinstance(period, list):
        raise TypeError("an evidence row is not as it was written")
    told = {key: row[key] for key in ("origin", "query", "count", "sample")}
    return EvidenceDocument.model_validate(
        {**told, "name": {"zh": name[0], "en": name[-1]}, "start": period[0], "end": period[1]}
    )
