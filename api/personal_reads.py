"""Notes in the trail who read what tells of people; what tells of nobody is read without a note."""

from __future__ import annotations

from pydantic import BaseModel
from sqlalchemy.orm import Session

from api.access import signed_in
from api.caller import Caller
from audit import AuditEntry, record
from classification.masking import mask_text
from classification.text import text_scanner


def tells_of_people(document: BaseModel) -> bool:
    """Whether a document holds what the detectors of personal data find in texts."""
    text = document.model_dump_json()
    return mask_text(text, text_scanner()) != text


def note_read(session: Session, caller: Caller, kind: str, object_id: str) -> None:
    """Note that the caller reads an object, in the caller's transaction; who can't be noted reads nothing."""
    entry = AuditEntry(
        signed_in(caller).actor,
        f"{kind}:read",
        kind,
        object_id,
        request_id=caller.origin.request_id,
        source_address=caller.origin.source_address,
    )
    record(session, entry)
