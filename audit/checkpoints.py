"""Sealing the trail: signed checkpoints over what was recorded since the last one, and copies kept elsewhere."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Text, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from audit.models import AuditRecord, SequenceNumber
from audit.signing import CheckpointSigner
from audit.trail import wait_for_other_writers
from audit.triggers import append_only
from audit.verify_export import GENESIS_DIGEST, PREFIX_DIGITS, checkpoint_message, merkle_root, read_lines, sm3
from events import now_ms
from store.records import Base, UtcMilliseconds

ALGORITHM = "SM3/Ed25519"
_MS_PER_SECOND = 1000


class AuditCheckpoint(Base):
    """A signed statement of what the trail was: rows are only ever added.

    ``merkle_root`` is over the records ``from_sequence`` to ``to_sequence``, ``leaves`` the first digits of each one's
    digest in turn, ``previous_digest`` the SM3 of the checkpoint before as it was signed.
    """

    __tablename__ = "audit_checkpoints"

    to_sequence: Mapped[int] = mapped_column(SequenceNumber, primary_key=True, autoincrement=False)
    from_sequence: Mapped[int] = mapped_column(SequenceNumber)
    head_digest: Mapped[str]
    merkle_root: Mapped[str]
    leaves: Mapped[str] = mapped_column(Text)
    created_ms: Mapped[UtcMilliseconds]
    previous_digest: Mapped[str]
    algorithm: Mapped[str]
    key_id: Mapped[str]
    signature: Mapped[str]


append_only(AuditCheckpoint.__table__)


@dataclass(frozen=True, slots=True)
class CheckpointDue:
    """A checkpoint is due after so many records, or so many seconds after the first that none covers.

    ``first_seconds``, where they are given, stand in for the seconds as long as there is no checkpoint at all.
    """

    records: int
    seconds: int
    first_seconds: int | None = None

    def seconds_after(self, sealed: int) -> int:
        """How many seconds a record may wait, where the trail is sealed up to another."""
        return self.seconds if sealed or self.first_seconds is None else self.first_seconds


def seal(session: Session, signer: CheckpointSigner, due: CheckpointDue) -> AuditCheckpoint | None:
    """Add the checkpoint that is due, in the caller's transaction; None when there is none."""
    wait_for_other_writers(session)
    last = session.scalars(select(AuditCheckpoint).order_by(AuditCheckpoint.to_sequence.desc()).limit(1)).first()
    start = last.to_sequence + 1 if last else 1
    if not is_due(session, due):
        return None
    digests = session.scalars(
        select(AuditRecord.digest)
        .where(AuditRecord.sequence >= start)
        .order_by(AuditRecord.sequence)
        .limit(due.records)
    ).all()
    checkpoint = AuditCheckpoint(
        to_sequence=start + len(digests) - 1,
        from_sequence=start,
        head_digest=digests[-1],
        merkle_root=merkle_root([bytes.fromhex(digest) for digest in digests]).hex(),
        leaves="".join(digest[:PREFIX_DIGITS] for digest in digests),
        created_ms=now_ms(),
        previous_digest=sm3(checkpoint_message(as_row(last))).hex() if last else GENESIS_DIGEST,
        algorithm=ALGORITHM,
        key_id=signer.key_id,
        signature="",
    )
    checkpoint.signature = signer.sign(checkpoint_message(as_row(checkpoint))).hex()
    session.add(checkpoint)
    session.flush()
    return checkpoint


def is_due(session: Session, due: CheckpointDue) -> bool:
    """Whether a checkpoint is due."""
    sealed = session.scalar(select(func.max(AuditCheckpoint.to_sequence))) or 0
    waiting, oldest = session.execute(
        select(func.count(), func.min(AuditRecord.time_ms)).where(AuditRecord.sequence > sealed)
    ).one()
    return bool(waiting) and (waiting >= due.records or now_ms() - oldest >= due.seconds_after(sealed) * _MS_PER_SECOND)


def as_row(checkpoint: AuditCheckpoint) -> dict[str, Any]:
    """A checkpoint as it is signed, exported and copied."""
    return {column.name: getattr(checkpoint, column.name) for column in AuditCheckpoint.__table__.columns}


def list_checkpoints(session: Session, after_sequence: int = 0) -> Iterator[dict[str, Any]]:
    """The checkpoints that end after a record, oldest first."""
    statement = select(AuditCheckpoint).where(AuditCheckpoint.to_sequence > after_sequence)
    for checkpoint in session.scalars(statement.order_by(AuditCheckpoint.to_sequence)):
        yield as_row(checkpoint)


class AnchorFile:
    """Copies of checkpoints outside the database, one a line; it only grows, and catches up after a crash."""

    def __init__(self, path: Path) -> None:
        """Continue the file, or begin it."""
        self.path = path
        self._copied_to = max((_end_of(row) for row in read_lines(path)), default=0) if path.exists() else 0

    def catch_up(self, session: Session) -> int:
        """Copy what the file lacks, on disk when this returns; how many checkpoints that were.

        Raises:
            OSError: the file can't be written; the next call tries again.
        """
        rows = list(list_checkpoints(session, self._copied_to))
        if rows:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("a", encoding="utf-8") as file:
                file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
                file.flush()
                os.fsync(file.fileno())
            self._copied_to = rows[-1]["to_sequence"]
        return len(rows)


def _end_of(row: Mapping[str, Any]) -> int:
    end = row.get("to_sequence")
    return end if isinstance(end, int) else 0
