"""The trail as a file that ``verify_export.py`` checks anywhere."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy.orm import Session

from audit.checkpoints import list_checkpoints
from audit.verification import list_rows
from events import format_timestamp, now_ms

_FORM = 1


def export_lines(session: Session) -> Iterator[dict[str, Any]]:
    """One object a line: what this is, the checkpoints, then the records, oldest first."""
    yield {"kind": "export", "form": _FORM, "exported": format_timestamp(now_ms())}
    for checkpoint in list_checkpoints(session):
        yield {"kind": "checkpoint", **checkpoint}
    for row in list_rows(session):
        yield {"kind": "record", **row}
