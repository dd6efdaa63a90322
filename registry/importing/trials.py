"""Files that were tried, kept for as long as whoever tried them may still say that they be taken."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from registry.errors import TrialNotFoundError
from registry.importing.columns import ImportKind
from registry.models import ImportTrialRecord
from registry.policy import import_policy

_ID_BYTES = 16
_LONGEST_NAME = 255
_MINUTE_MS = 60_000


@dataclass(frozen=True, slots=True)
class ImportTrial:
    """A file as it was tried; ``name`` is what its owner called it."""

    kind: ImportKind
    name: str
    content: bytes


def keep_trial(session: Session, trial: ImportTrial, user_id: str, at_ms: int) -> str:
    """Keep a file in the place of the one that its owner tried before; returns its id. Those out of time go."""
    oldest = at_ms - import_policy().trial_minutes * _MINUTE_MS
    gone = or_(ImportTrialRecord.user_id == user_id, ImportTrialRecord.created_ms < oldest)
    session.execute(delete(ImportTrialRecord).where(gone))
    row = ImportTrialRecord(
        id=secrets.token_hex(_ID_BYTES),
        user_id=user_id,
        kind=trial.kind.value,
        name=trial.name[-_LONGEST_NAME:],
        content=trial.content,
        created_ms=at_ms,
    )
    session.add(row)
    return row.id


def kept_trial(session: Session, trial_id: str, user_id: str, at_ms: int) -> ImportTrial:
    """A file that its owner tried.

    Raises:
        TrialNotFoundError: it is not kept any more, or somebody else's.
    """
    wanted = select(ImportTrialRecord).where(ImportTrialRecord.id == trial_id, ImportTrialRecord.user_id == user_id)
    row = session.scalar(wanted)
    if row is None or row.created_ms < at_ms - import_policy().trial_minutes * _MINUTE_MS:
        raise TrialNotFoundError("The file is not kept any more; choose it again")
    return ImportTrial(ImportKind(row.kind), row.name, row.content)


def drop_trial(session: Session, trial_id: str, user_id: str) -> None:
    """Keep a file no longer."""
    mine = (ImportTrialRecord.id == trial_id) & (ImportTrialRecord.user_id == user_id)
    session.execute(delete(ImportTrialRecord).where(mine))
