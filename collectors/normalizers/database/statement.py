"""What kind of thing an SQL statement does, judged by its first word."""

from __future__ import annotations

import re

from events import Event

_LEADING = re.compile(r"(?:\s|/\*.*?\*/|--[^\n]*\n|\()*([A-Za-z]+)", re.DOTALL)
_READS = frozenset({"select", "show", "describe", "desc", "explain", "with", "table", "values", "fetch", "help"})
_SESSION = frozenset({"set", "use", "begin", "commit", "rollback", "start", "savepoint", "ping", "prepare", "close"})


def statement_verb(statement: str) -> str | None:
    """The first word of a statement in lower case, past comments and opening parentheses."""
    found = _LEADING.match(statement[:4096])
    return found[1].lower() if found else None


def statement_fields(statement: str | None, verb: str | None = None) -> Event:
    """``database.statement`` and what it does: ``event.type`` access, change or info.

    Args:
        statement: the SQL text, where the log has it.
        verb: the command as the log names it (``select``, ``create_table``), preferred to the text.
    """
    event: Event = {"event.category": ["database"]}
    if statement:
        event["database.statement"] = statement
    word = (verb or statement_verb(statement or "") or "").lower().partition("_")[0].partition(" ")[0]
    kind = "access" if word in _READS else "info" if word in _SESSION or not word else "change"
    return event | {"event.type": [kind]}


def session_fields(*, start: bool) -> Event:
    """Category and type of a database session's start or end."""
    return {
        "event.category": ["database", "authentication" if start else "session"],
        "event.type": ["start" if start else "end"],
    }
