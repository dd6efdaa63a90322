"""Gaps of an assessment: who answers for each, and the notice that it becomes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from compliance.errors import AssessmentConflictError, AssessmentNotFoundError
from compliance.judgment import Judgment
from compliance.models import Assessment
from compliance.summary import AssessedItem, AssessmentSummary
from incidents import Editor, NewNotice, Notice, NoticeSource, NoticeState, issue_notice
from policies.compliance.catalog import Importance
from policies.compliance.checks import check_policy
from policies.compliance.words import compliance_words

_MS_PER_DAY = 86_400_000
_OVER = (NoticeState.VERIFIED.value, NoticeState.WITHDRAWN.value)
_BY_WEIGHT: dict[Importance | None, int] = {Importance.KEY: 0, Importance.IMPORTANT: 1, Importance.ORDINARY: 2, None: 2}


@dataclass(frozen=True, slots=True)
class Gap:
    """An item that does not hold, with the accountable party: which it is, its unit's id and name."""

    item: AssessedItem
    party: str
    unit_id: str
    unit_name: str

    @property
    def ref(self) -> str:
        """The item's reference."""
        return self.item.place.item.ref

    @property
    def days(self) -> int:
        """How many days its unit is given."""
        allowed = check_policy().rectify_days
        weight = self.item.place.item.importance or Importance.ORDINARY
        return allowed["high_risk" if self.item.is_high_risk else weight.value]


def gaps_of(assessment: Assessment, summary: AssessmentSummary) -> list[Gap]:
    """The gaps, what weighs most first."""
    parties, accountable = _parties(assessment), check_policy().accountable
    found = [
        Gap(each, party, *parties[party])
        for each in summary.items
        if each.is_gap
        for party in [accountable[each.place.domain.code.rstrip("0123456789")]]
    ]
    return sorted(found, key=_weight)


def notify_gaps(
    session: Session, assessment: Assessment, gaps: Sequence[Gap], refs: Sequence[str], editor: Editor
) -> list[Notice]:
    """Issue a notice for each of the gaps named, to the unit that answers for it.

    Raises:
        AssessmentNotFoundError: one of them is no gap of the assessment.
        AssessmentConflictError: one has a notice that is not over.
        InvalidNoticeError: its unit is gone, or is not within the caller's.
    """
    by_ref = {each.ref: each for each in gaps}
    if missing := [ref for ref in refs if ref not in by_ref]:
        raise AssessmentNotFoundError(f"assessment {assessment.id} has no gap {missing[0][:32]}; see its gaps")
    open_notices = notices_of(session, assessment, is_open=True)
    if taken := [ref for ref in refs if ref in open_notices]:
        raise AssessmentConflictError(
            f"item {taken[0]} has notice #{open_notices[taken[0]].number} already; wait until it is verified"
        )
    return [
        issue_notice(session, _notice(assessment, by_ref[ref], editor.by.at_ms), editor) for ref in dict.fromkeys(refs)
    ]


def notices_of(session: Session, assessment: Assessment, *, is_open: bool = False) -> dict[str, Notice]:
    """The last notice for each item of the assessed system, by the item's reference."""
    prefix = f"{assessment.system_id}/"
    statement = select(Notice).where(
        Notice.source == NoticeSource.GAP.value, Notice.reference.startswith(prefix, autoescape=True)
    )
    if is_open:
        statement = statement.where(Notice.state.not_in(_OVER))
    return {each.reference.removeprefix(prefix): each for each in session.scalars(statement.order_by(Notice.number))}


def _notice(assessment: Assessment, gap: Gap, now: int) -> NewNotice:
    words, item = compliance_words(), gap.item.place.item
    name = str((assessment.system or {}).get("name", assessment.system_id))
    found = words.judgments[gap.item.judgment.value].zh
    demand = f"等级保护自评发现：{item.ref} {item.label.zh}，判定为{found}。请整改并上传整改证据。"
    return NewNotice(
        unit_id=gap.unit_id,
        title=f"{name}：{item.ref} {found}"[:200],
        demand=demand,
        deadline_ms=now + gap.days * _MS_PER_DAY,
        source=NoticeSource.GAP,
        reference=f"{assessment.system_id}/{item.ref}",
    )


def _parties(assessment: Assessment) -> dict[str, tuple[str, str]]:
    kept = (assessment.system or {}).get("parties")
    if not isinstance(kept, dict):
        raise AssessmentConflictError(f"assessment {assessment.id} is {assessment.state}; gaps come when it is done")
    return {party: (str(unit[0]), str(unit[1])) for party, unit in kept.items()}


def _weight(gap: Gap) -> tuple[bool, bool, int]:
    is_failed = gap.item.judgment is Judgment.FAILED
    return not gap.item.is_high_risk, not is_failed, _BY_WEIGHT[gap.item.place.item.importance]
