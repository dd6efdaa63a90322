"""The other engine: pySigma's SQLite backend, its queries run by SQLite over a table of the events."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from functools import lru_cache

import regex
from sigma.backends.sqlite import sqliteBackend
from sigma.collection import SigmaCollection
from sigma.exceptions import SigmaError

from tests.detection.differential.generating import KEYWORDS, Detection, Event, Yaml

NUMERIC = frozenset({"n"})


def queries_of(detection: Detection) -> list[str] | None:
    """The queries a detection becomes, alternatives of each other; None where the backend refuses it."""
    rule = {"title": "Test", "logsource": {"product": "test"}, "detection": detection}
    try:
        return list(sqliteBackend(fulltext_field=KEYWORDS).convert(SigmaCollection.from_dicts([rule])))
    except (SigmaError, NotImplementedError, TypeError, ValueError):
        return None


class SqliteEngine:
    """A table with one row an event; texts compare without regard to case, as Sigma wants it."""

    def __init__(self, events: Sequence[Event], fields: Sequence[str]) -> None:
        self._connection = sqlite3.connect(":memory:")
        self._connection.create_function("REGEXP", 2, _found, deterministic=True)
        columns = ", ".join(f"{_quoted(name)} {_affinity(name)} COLLATE NOCASE" for name in fields)
        self._connection.execute(f"CREATE TABLE logs ({columns})")
        places = ", ".join("?" * len(fields))
        rows = [[_stored(event.get(name)) for name in fields] for event in events]
        self._connection.executemany(f"INSERT INTO logs VALUES ({places})", rows)  # noqa: S608 (only question marks)

    def matches(self, queries: Sequence[str]) -> set[int]:
        """The positions of the events that any of the queries finds."""
        found: set[int] = set()
        for query in queries:
            numbered = query.replace("SELECT *", "SELECT rowid - 1", 1)
            found.update(position for (position,) in self._connection.execute(numbered))
        return found

    def close(self) -> None:
        self._connection.close()


def fields_of(events: Sequence[Event], detections: Sequence[Detection]) -> list[str]:
    """The columns that hold all these events, and all that the detections ask for."""
    asked = {name for detection in detections for part in detection.values() for name in _names(part)}
    return sorted(asked | {name for event in events for name in event} | {KEYWORDS})


def _names(part: Yaml) -> Iterator[str]:
    """The fields a part of a detection is about, and those that it refers to."""
    for each in part if isinstance(part, list) else [part]:
        if isinstance(each, dict):
            for key, value in each.items():
                yield from filter(None, [key.split("|")[0]])
                if "fieldref" in key.split("|"):
                    yield from value if isinstance(value, list) else [value]


def _affinity(name: str) -> str:
    return "NUMERIC" if name in NUMERIC else "TEXT"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _stored(value: Yaml) -> Yaml:
    """Booleans as rules write them; everything else as it is."""
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else value


def _found(expression: str, value: Yaml) -> bool | None:
    return None if value is None else _compiled(expression).search(str(value)) is not None


@lru_cache(maxsize=4096)
def _compiled(expression: str) -> regex.Pattern[str]:
    return regex.compile(expression)
