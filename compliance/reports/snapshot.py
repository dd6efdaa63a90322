"""All that a report says, frozen: plain JSON values without floats, in canonical form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from audit import canonical_json
from audit.authorship import ChangedBy
from compliance.gaps import Gap, gaps_of, notices_of
from compliance.models import Assessment, Attestation, CheckResult
from compliance.repository import attestations_by_id, check_results
from compliance.score import Rate
from compliance.summary import AssessedItem, AssessmentSummary, summarize
from policies.compliance import scoring_policy
from policies.compliance.checks import check_policy
from policies.compliance.language import Language
from policies.compliance.words import compliance_words

VERSION = 2


def take_snapshot(session: Session, assessment: Assessment, by: ChangedBy, language: Language) -> str:
    """The snapshot of a finished assessment as it stands, told in a language, as canonical JSON."""
    summary = summarize(session, assessment)
    attested = attestations_by_id(session, [str(i.record.attestation_id) for i in summary.items])
    notices = {ref: each.number for ref, each in notices_of(session, assessment).items()}
    gaps = gaps_of(assessment, summary)
    document: dict[str, Any] = {
        "version": VERSION,
        "language": language,
        "made_ms": by.at_ms,
        "made_by": by.actor.name,
        "assessment": {
            "id": assessment.id,
            "assessed_ms": assessment.assessed_ms,
            "requested_by": assessment.requested_by,
            "level_s": assessment.level_s,
            "level_a": assessment.level_a,
        },
        "system": {"id": assessment.system_id, "resources": [], **(assessment.system or {})},
        "items": [_item(each, attested, language) for each in summary.items],
        "checks": [_check(each, language) for each in _in_order(check_results(session, assessment.id))],
        "counts": {judgment.value: count for judgment, count in summary.counts().items()},
        "score": _score(summary, language),
        "rate": _rate(summary.rate, language),
        "method": _method(),
        "gaps": [_gap(each, notices, language) for each in gaps],
    }
    return canonical_json(document)


def _item(each: AssessedItem, attested: Mapping[str, Attestation], language: Language) -> dict[str, Any]:
    item, record, point = each.place.item, each.record, each.place.control_point
    reasons, checks = compliance_words().item_reasons, check_policy().checks
    attestation = attested.get(record.attestation_id or "")
    return {
        "ref": item.ref,
        "unit": item.unit,
        "label": item.label.of(language),
        "layer": each.place.domain.name.of(language),
        "point": f"{point.id} {point.name.of(language)}",
        "point_name": point.name.of(language),
        "sag": item.sag.value,
        "importance": item.importance.value if item.importance else None,
        "judgment": record.judgment,
        "source": record.source,
        "reason": reasons[record.reason].of(language) if record.reason in reasons else record.reason,
        "checks": [checks[name].title.of(language) for name in record.checks if name in checks],
        "decided_by": record.actor,
        "decided_ms": record.at if record.actor else None,
        "high_risk": list(item.high_risk) if each.is_high_risk else [],
        "attestation": _attestation(attestation) if attestation else None,
    }


def _attestation(row: Attestation) -> dict[str, Any]:
    return {
        "judgment": row.judgment,
        "statement": row.statement,
        "document": row.document,
        "document_digest": row.document_digest,
        "by": row.attested_by,
        "at_ms": row.attested_ms,
        "valid_until_ms": row.valid_until_ms,
    }


def _in_order(results: Sequence[CheckResult]) -> list[CheckResult]:
    order = list(check_policy().checks)
    known = [each for each in results if each.check_id in order]
    return sorted(known, key=lambda each: order.index(each.check_id))


def _check(row: CheckResult, language: Language) -> dict[str, Any]:
    check = check_policy().checks[row.check_id]
    return {
        "id": row.check_id,
        "title": check.title.of(language),
        "days": check.days,
        "judgment": row.judgment,
        "reason": compliance_words().reason(row.reason, row.figures).of(language),
        "evidence": row.evidence,
        "checked_ms": row.checked_ms,
    }


def _score(summary: AssessmentSummary, language: Language) -> dict[str, Any] | None:
    score = summary.score
    if score is None:
        return None
    technical = {each.place.item.ref for each in summary.items if each.place.domain.is_technical}
    lost = {True: 0.0, False: 0.0}
    for line in score.deductions:
        lost[line.ref in technical] += line.points
    return {
        "technical_lost": f"{lost[True]:.2f}",
        "management_lost": f"{lost[False]:.2f}",
        "applicable": score.applicable,
        "base_unit": f"{score.base_unit:.4f}",
        "technical": f"{score.technical:.2f}",
        "management": f"{score.management:.2f}",
        "total": f"{score.total:.2f}",
        "grade": score.grade.of(language),
        "lines": [
            {
                "ref": line.ref,
                "judgment": line.judgment.value,
                "factor": f"{line.factor:g}",
                "failed_part": f"{line.failed_part:g}",
                "points": f"{line.points:.4f}",
            }
            for line in score.deductions
        ],
    }


def _rate(rate: Rate | None, language: Language) -> dict[str, str] | None:
    if rate is None:
        return None
    return {"strict": f"{rate.strict:.2f}", "halved": f"{rate.halved:.2f}", "conclusion": rate.conclusion.of(language)}


def _method() -> dict[str, str]:
    method = scoring_policy().deduction
    return {
        "technical_share": f"{method.technical_share:g}",
        "management_share": f"{1 - method.technical_share:g}",
        "partial": f"{method.partial:g}",
        **{f"factor_{name.value}": f"{factor:g}" for name, factor in method.factors.items()},
    }


def _gap(gap: Gap, notices: Mapping[str, int], language: Language) -> dict[str, Any]:
    item = gap.item.place.item
    return {
        "ref": gap.ref,
        "label": item.label.of(language),
        "judgment": gap.item.judgment.value,
        "importance": item.importance.value if item.importance else None,
        "high_risk": gap.item.is_high_risk,
        "party": gap.party,
        "unit": gap.unit_name,
        "days": gap.days,
        "notice": notices.get(gap.ref),
    }
