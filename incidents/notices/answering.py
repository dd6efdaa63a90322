"""What the unit does with a notice: acknowledge it, ask for more time, answer it with evidence."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from incidents.errors import InvalidNoticeError, NoticeTransitionError
from incidents.models import Attachment, Notice
from incidents.notices.steps import StepTaken, check_allowed, checked, take
from incidents.repository.lookup import notice_of
from incidents.vocabulary import NoticeStep, Subject
from registry.registers import Editor


@dataclass(frozen=True, slots=True)
class Answer:
    """What was done, and the ids of the notice's attachments that show it."""

    text: str
    attachment_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DeadlineWish:
    """A later deadline, and why."""

    deadline_ms: int
    reason: str


def acknowledge_notice(session: Session, notice_id: str, editor: Editor) -> Notice:
    """Say that the unit has received a notice.

    Raises:
        NoticeNotFoundError: there is no such notice in the scope.
        NoticeTransitionError: its state does not allow it.
    """
    notice = notice_of(session, editor.scope, notice_id, lock=True)
    check_allowed(notice, NoticeStep.ACKNOWLEDGE)
    notice.acknowledged_ms = editor.by.at_ms
    take(session, notice, StepTaken(NoticeStep.ACKNOWLEDGE), editor.by)
    return notice


def answer_notice(session: Session, notice_id: str, answer: Answer, editor: Editor) -> Notice:
    """Say what was rectified, with evidence.

    Raises:
        NoticeNotFoundError: there is no such notice in the scope.
        NoticeTransitionError: its state does not allow it.
        InvalidNoticeError: words or evidence are missing, or an attachment is not of this notice.
    """
    notice = notice_of(session, editor.scope, notice_id, lock=True)
    check_allowed(notice, NoticeStep.ANSWER)
    text = checked("The answer", answer.text)
    _check_evidence(session, notice, answer.attachment_ids)
    notice.answered_ms, notice.answered_by_id = editor.by.at_ms, editor.by.responsible_id
    notice.asked_deadline_ms = notice.asked_by_id = None
    take(session, notice, StepTaken(NoticeStep.ANSWER, text, answer.attachment_ids), editor.by)
    return notice


def ask_extension(session: Session, notice_id: str, wish: DeadlineWish, editor: Editor) -> Notice:
    """Ask for a later deadline; the present one stands until somebody else grants it.

    Raises:
        NoticeNotFoundError: there is no such notice in the scope.
        NoticeTransitionError: its state does not allow it, or the deadline has passed.
        InvalidNoticeError: the reason is missing, or the wish is no later deadline.
    """
    notice = notice_of(session, editor.scope, notice_id, lock=True)
    check_allowed(notice, NoticeStep.ASK_EXTENSION)
    if notice.deadline_ms < editor.by.at_ms:
        raise NoticeTransitionError(f"Notice #{notice.number}: its deadline has passed; more time is asked for before")
    reason = checked("The reason", wish.reason)
    if wish.deadline_ms <= max(notice.deadline_ms, editor.by.at_ms):
        raise InvalidNoticeError("The deadline asked for must be later than the present one and than now")
    notice.asked_deadline_ms, notice.asked_by_id = wish.deadline_ms, editor.by.responsible_id
    take(session, notice, StepTaken(NoticeStep.ASK_EXTENSION, reason), editor.by)
    return notice


def _check_evidence(session: Session, notice: Notice, attachment_ids: tuple[str, ...]) -> None:
    if not attachment_ids:
        raise InvalidNoticeError("An answer needs evidence; attach a file first")
    of_it = select(Attachment.id).where(Attachment.subject == Subject.NOTICE, Attachment.subject_id == notice.id)
    if not set(attachment_ids) <= set(session.scalars(of_it)):
        raise InvalidNoticeError("An attachment named as evidence is not of this notice; attach it here first")
