"""What the center does with a notice: verify or reject its answer, decide on more time, withdraw it."""

from __future__ import annotations

from sqlalchemy.orm import Session

from incidents.errors import NoticeTransitionError, SameVerifierError
from incidents.models import Notice
from incidents.notices.steps import StepTaken, check_allowed, checked, take
from incidents.repository.lookup import notice_of
from incidents.vocabulary import NoticeStep
from registry.registers import Editor


def verify_notice(session: Session, notice_id: str, remark: str, editor: Editor) -> Notice:
    """Confirm that the answer holds.

    Raises:
        NoticeNotFoundError: there is no such notice in the scope.
        NoticeTransitionError: its state does not allow it.
        SameVerifierError: the caller gave the answer.
        InvalidNoticeError: the remark is too long.
    """
    notice = _judged(session, notice_id, NoticeStep.VERIFY, editor)
    notice.verified_ms = editor.by.at_ms
    said = checked("The remark", remark) if remark.strip() else None
    take(session, notice, StepTaken(NoticeStep.VERIFY, said), editor.by)
    return notice


def reject_answer(session: Session, notice_id: str, reason: str, editor: Editor) -> Notice:
    """Send a notice back for another answer; its deadline stands.

    Raises:
        NoticeNotFoundError: there is no such notice in the scope.
        NoticeTransitionError: its state does not allow it.
        SameVerifierError: the caller gave the answer.
        InvalidNoticeError: the reason is missing.
    """
    notice = _judged(session, notice_id, NoticeStep.REJECT, editor)
    said = checked("The reason", reason)
    notice.answered_ms = None
    take(session, notice, StepTaken(NoticeStep.REJECT, said), editor.by)
    return notice


def decide_extension(session: Session, notice_id: str, reason: str, editor: Editor, *, granted: bool) -> Notice:
    """Grant or refuse the later deadline that was asked for.

    Raises:
        NoticeNotFoundError: there is no such notice in the scope.
        NoticeTransitionError: none was asked for, or the state does not allow it.
        SameVerifierError: the caller asked for it.
        InvalidNoticeError: the reason is missing.
    """
    notice, said = _with_wish(session, notice_id, editor), checked("The reason", reason)
    step = NoticeStep.GRANT_EXTENSION if granted else NoticeStep.REFUSE_EXTENSION
    deadline = notice.asked_deadline_ms if granted else None
    notice.asked_deadline_ms = notice.asked_by_id = None
    take(session, notice, StepTaken(step, said, deadline_ms=deadline), editor.by)
    return notice


def withdraw_notice(session: Session, notice_id: str, reason: str, editor: Editor) -> Notice:
    """Take a notice back; it counts in no rate.

    Raises:
        NoticeNotFoundError: there is no such notice in the scope.
        NoticeTransitionError: its state does not allow it.
        InvalidNoticeError: the reason is missing.
    """
    notice = notice_of(session, editor.scope, notice_id, lock=True)
    take(session, notice, StepTaken(NoticeStep.WITHDRAW, checked("The reason", reason)), editor.by)
    return notice


def _judged(session: Session, notice_id: str, step: NoticeStep, editor: Editor) -> Notice:
    notice = notice_of(session, editor.scope, notice_id, lock=True)
    check_allowed(notice, step)
    if notice.answered_by_id == editor.by.responsible_id:
        raise SameVerifierError("Nobody judges an answer that they gave themselves; ask a colleague")
    return notice


def _with_wish(session: Session, notice_id: str, editor: Editor) -> Notice:
    notice = notice_of(session, editor.scope, notice_id, lock=True)
    check_allowed(notice, NoticeStep.GRANT_EXTENSION)
    if notice.asked_deadline_ms is None:
        raise NoticeTransitionError(f"Notice #{notice.number}: no later deadline was asked for")
    if notice.asked_by_id == editor.by.responsible_id:
        raise SameVerifierError("Nobody decides on what they asked for themselves; ask a colleague")
    return notice
