"""Gives files to incidents and notices, and reads them back; both leave their trace."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from audit.authorship import Change, ChangedBy, audit_change
from incidents.attachments.content import attachment_policy, checked_name, media_type_of
from incidents.attachments.files import AttachmentFiles, Digests
from incidents.errors import AttachmentError, AttachmentNotFoundError
from incidents.models import Attachment, Incident
from incidents.repository.lookup import incident_of, notice_of
from incidents.timeline import TimelineEntry, write_line
from incidents.vocabulary import Subject, TimelineKind
from registry import UnitScope
from registry.registers import Editor


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as somebody sent it, for an incident or a notice."""

    subject: Subject
    subject_id: str
    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class AttachmentKey:
    """A file of an incident or a notice."""

    subject: Subject
    subject_id: str
    id: str


def attach(session: Session, files: AttachmentFiles, upload: Upload, editor: Editor) -> Attachment:
    """Check and keep a file.

    Raises:
        IncidentNotFoundError, NoticeNotFoundError: there is no such subject in the scope.
        AttachmentError: the file is not taken, or there are too many already.
    """
    incident_id = _incident_of(session, editor.scope, upload.subject, upload.subject_id)
    present = attachments_of(session, upload.subject, upload.subject_id)
    if len(present) >= (maximum := attachment_policy().per_subject_maximum):
        raise AttachmentError(f"At most {maximum} files can be attached here")
    name = checked_name(upload.name)
    media_type = media_type_of(name, upload.content)
    digests, by = files.keep(upload.content), editor.by
    attachment = Attachment(
        id=uuid4().hex,
        subject=upload.subject.value,
        subject_id=upload.subject_id,
        name=name,
        media_type=media_type,
        size=len(upload.content),
        sha256=digests.sha256,
        sm3=digests.sm3,
        actor_id=by.responsible_id,
        actor=by.actor.name,
        at=by.at_ms,
    )
    session.add(attachment)
    session.flush()
    _trace(session, attachment, "upload", by)
    if incident_id is not None:
        detail = {"size": attachment.size, "sha256": attachment.sha256, "subject": attachment.subject}
        line = TimelineEntry(TimelineKind.ATTACHMENT, attachment.id, name, detail)
        write_line(session, session.get_one(Incident, incident_id), line, by)
    return attachment


def read_attachment(
    session: Session, files: AttachmentFiles, key: AttachmentKey, editor: Editor
) -> tuple[Attachment, bytes]:
    """A file with its content; who read it goes into the trail.

    Raises:
        IncidentNotFoundError, NoticeNotFoundError: its subject is not in the scope.
        AttachmentNotFoundError: the subject has no such file.
        AttachmentDamagedError: it is no longer what was stored.
    """
    attachment = attachment_in(session, editor.scope, key)
    content = files.read(Digests(attachment.sha256, attachment.sm3))
    _trace(session, attachment, "download", editor.by)
    return attachment, content


def attachment_in(session: Session, scope: UnitScope, key: AttachmentKey) -> Attachment:
    """What is known of a file.

    Raises:
        IncidentNotFoundError, NoticeNotFoundError: its subject is not in the scope.
        AttachmentNotFoundError: the subject has no such file.
    """
    _incident_of(session, scope, key.subject, key.subject_id)
    attachment = session.get(Attachment, key.id)
    if attachment is None or (attachment.subject, attachment.subject_id) != (key.subject, key.subject_id):
        raise AttachmentNotFoundError(f"There is no attachment {key.id[:64]} here; reload the page")
    return attachment


def attachments_of(session: Session, subject: Subject, subject_id: str) -> list[Attachment]:
    """The files of an incident or a notice that the caller may see, oldest first."""
    of_it = (Attachment.subject == subject, Attachment.subject_id == subject_id)
    return list(session.scalars(select(Attachment).where(*of_it).order_by(Attachment.at, Attachment.id)))


def _incident_of(session: Session, scope: UnitScope, subject: Subject, subject_id: str) -> str | None:
    """The incident that a subject is or belongs to; fails for what the scope does not show."""
    if subject is Subject.INCIDENT:
        return incident_of(session, scope, subject_id).id
    return notice_of(session, scope, subject_id).incident_id


def _trace(session: Session, attachment: Attachment, verb: str, by: ChangedBy) -> None:
    after: dict[str, object] = {
        "subject": attachment.subject,
        "subject_id": attachment.subject_id,
        "media_type": attachment.media_type,
        "size": attachment.size,
        "sha256": attachment.sha256,
        "sm3": attachment.sm3,
    }
    audit_change(session, Change("attachment", verb, attachment.id, after=after), by)
