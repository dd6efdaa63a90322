"""Checking that nobody touched the trail: the database against its own chain, its checkpoints and their copies."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy.orm import Session

from audit.checkpoints import list_checkpoints
from audit.models import AuditRecord
from audit.signing import signature_holds
from audit.verify_export import TrailCheck, Verdict, read_lines

_PAGE = 200
_BEFORE_ALL = float("-inf")
"""Where a listing begins: a record may be forged under any number that a column can hold."""
_NAMES = tuple(sorted(column.name for column in AuditRecord.__table__.columns))
_SEQUENCE_AT = _NAMES.index("sequence")


@dataclass(frozen=True, slots=True)
class Trust:
    """What a check believes beside the database.

    Attributes:
        public_keys: of those who may vouch for the trail; 32 bytes each (Ed25519).
        anchors: files of checkpoints kept away from the database; those that do not exist yet are passed over.
    """

    public_keys: tuple[bytes, ...] = ()
    anchors: tuple[Path, ...] = ()


def list_rows(session: Session) -> Iterator[dict[str, Any]]:
    """The records, oldest first, each with its names in order; a few hundred in memory at a time.

    They are read through the driver's own cursor, as the whole trail passes here: what SQLAlchemy makes of a row
    costs as much as reading it. Each page is read to its end, so that no cursor stays open between two.
    """
    connection = session.connection()
    page_after, cursor = _page_statement(connection.dialect.paramstyle), connection.connection.cursor()
    try:
        last = _BEFORE_ALL
        while rows := cursor.execute(page_after, (last,)).fetchall():
            for row in rows:
                yield dict(zip(_NAMES, row, strict=False))  # as many as the statement names
            last = rows[-1][_SEQUENCE_AT]
    finally:
        cursor.close()


@cache
def _page_statement(paramstyle: str) -> str:
    """The statement in the driver's own way of marking values."""
    names, mark = ", ".join(f'"{name}"' for name in _NAMES), "?" if paramstyle == "qmark" else "%s"
    table = AuditRecord.__tablename__
    return f"SELECT {names} FROM {table} WHERE sequence > {mark} ORDER BY sequence LIMIT {_PAGE}"  # noqa: S608 (names of our own)


def verify_trail(session: Session, trust: Trust) -> Verdict:
    """Check every record and every checkpoint, in the database and in the copies kept elsewhere."""
    copies = [row for path in trust.anchors if path.exists() for row in read_lines(path)]
    checkpoints = [*list_checkpoints(session), *copies]
    # the names of list_rows are sorted, so orjson writes what canonical_json does, twenty times as fast
    return TrailCheck(checkpoints, trust.public_keys, orjson.dumps, signature_holds).run(list_rows(session))
