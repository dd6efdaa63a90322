"""What people say of items: attestations of a system, and decisions over a judgment of one assessment."""

from __future__ import annotations

import re
from dataclasses import dataclass
from uuid import uuid4

from sqlalchemy.orm import Session

from audit.authorship import Change, audit_change
from compliance.control_set import control_set
from compliance.errors import AssessmentConflictError, AssessmentNotFoundError, ComplianceError
from compliance.items import JudgmentSource
from compliance.judgment import Judgment
from compliance.models import Assessment, Attestation, ItemRecord, WorkState
from compliance.repository import get_assessment, item_judgments
from compliance.summary import put_totals, summarize
from compliance.system import assessed_system
from policies.compliance.checks import check_policy
from registry.registers import Editor

_MS_PER_DAY = 86_400_000
_DIGEST = re.compile(r"[0-9a-f]{64}")
_NAME_MAXIMUM = 255


@dataclass(frozen=True, slots=True)
class NewAttestation:
    """What is attested of an item; ``document_digest`` is the document's SM3, ``valid_until_ms`` None by policy."""

    ref: str
    judgment: Judgment
    statement: str
    document: str
    document_digest: str
    valid_until_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """A person's judgment of an item, and why."""

    ref: str
    judgment: Judgment
    reason: str


def attest(session: Session, system_id: str, new: NewAttestation, editor: Editor) -> Attestation:
    """Attest an item of a system; the next assessments take it into account until its end.

    Raises:
        AssessmentNotFoundError: there is no such system or item in the scope.
        ComplianceError: words, document or its digest are missing, or the validity is too long or over.
    """
    system, by = assessed_system(session, editor.scope, system_id), editor.by
    _require_item(system.level_s, system.level_a, new.ref)
    row = Attestation(
        id=uuid4().hex,
        system_id=system.id,
        ref=new.ref,
        judgment=_decided(new.judgment).value,
        statement=_words("the statement", new.statement),
        document=_document(new.document),
        document_digest=_digest(new.document_digest),
        attested_by_id=by.responsible_id,
        attested_by=by.actor.name,
        attested_ms=by.at_ms,
        valid_until_ms=_validity(new.valid_until_ms, by.at_ms),
    )
    session.add(row)
    session.flush()
    after: dict[str, object] = {
        "system_id": system.id,
        "ref": row.ref,
        "judgment": row.judgment,
        "document_digest": row.document_digest,
        "valid_until_ms": row.valid_until_ms,
    }
    audit_change(session, Change("attestation", "create", row.id, row.statement, None, after), by)
    return row


def decide(session: Session, place: tuple[str, str], decision: Decision, editor: Editor) -> ItemRecord:
    """Judge an item otherwise than checks and attestations did; ``place`` is the system's and assessment's id.

    Raises:
        AssessmentNotFoundError: there is no such assessment or item in the scope.
        AssessmentConflictError: the assessment is not finished.
        ComplianceError: the reason is missing.
    """
    assessment = get_assessment(session, editor.scope, *place)
    if assessment.state != WorkState.DONE.value:
        raise AssessmentConflictError(f"assessment {assessment.id} is {assessment.state}; decide when it is done")
    before = item_judgments(session, assessment.id).get(decision.ref)
    if before is None:
        raise AssessmentNotFoundError(f"assessment {assessment.id} has no item {decision.ref[:32]}; see its items")
    reason, judgment, by = _words("the reason", decision.reason), _decided(decision.judgment), editor.by
    row = ItemRecord(
        assessment_id=assessment.id,
        ref=decision.ref,
        judgment=judgment.value,
        source=JudgmentSource.PERSON.value,
        reason=reason,
        checks=list(before.checks),
        attestation_id=before.attestation_id,
        actor_id=by.responsible_id,
        actor=by.actor.name,
        at=by.at_ms,
    )
    session.add(row)
    session.flush()
    _follow(session, assessment, before, row, editor)
    return row


def _follow(session: Session, assessment: Assessment, before: ItemRecord, row: ItemRecord, editor: Editor) -> None:
    put_totals(assessment, summarize(session, assessment))
    states: list[dict[str, object]] = [
        {"ref": each.ref, "judgment": each.judgment, "source": each.source} for each in (before, row)
    ]
    audit_change(session, Change("assessment", "decide", assessment.id, row.reason, *states), editor.by)


def _require_item(level_s: int, level_a: int, ref: str) -> None:
    if all(each.item.ref != ref for each in control_set(level_s, level_a)):
        raise AssessmentNotFoundError(f"S{level_s}A{level_a} has no item {ref[:32]}; see the items of an assessment")


def _decided(judgment: Judgment) -> Judgment:
    if judgment is Judgment.UNKNOWN:
        raise ComplianceError("a person says what is so; leave the item alone where that is unknown")
    return judgment


def _words(what: str, text: str) -> str:
    stripped, maximum = text.strip(), check_policy().attestations.text_maximum
    if not 0 < len(stripped) <= maximum:
        raise ComplianceError(f"{what} needs words, at most {maximum} characters")
    return stripped


def _document(name: str) -> str:
    stripped = name.strip()
    if not 0 < len(stripped) <= _NAME_MAXIMUM:
        raise ComplianceError(f"name the document that shows it, in at most {_NAME_MAXIMUM} characters")
    return stripped


def _digest(digest: str) -> str:
    lowered = digest.strip().lower()
    if not _DIGEST.fullmatch(lowered):
        raise ComplianceError("the document's digest is its SM3, 64 hexadecimal digits")
    return lowered


def _validity(until_ms: int | None, now: int) -> int:
    rules = check_policy().attestations
    if until_ms is None:
        return now + rules.default_days * _MS_PER_DAY
    if not now < until_ms <= now + rules.maximum_days * _MS_PER_DAY:
        raise ComplianceError(f"an attestation ends in the future, within {rules.maximum_days} days")
    return until_ms
