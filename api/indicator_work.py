"""What people do with threat-intelligence indicators: list, import and retire them, each change recorded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, BinaryIO, Literal

from pydantic import Field

from api.access import signed_in
from api.caller import Caller
from api.dependencies import ApiDependencies
from api.form_query import FormQuery
from api.problems import ProblemError
from api.signing import decode_cursor, encode_cursor
from detection.intelligence import (
    ChangedBy,
    ImportResult,
    Indicator,
    IndicatorFilter,
    IndicatorFormat,
    IndicatorNotFoundError,
    IndicatorState,
    IndicatorType,
    IntelligenceError,
    Problem,
    alerts_by_value,
    import_indicators,
    list_indicators,
    load_intelligence_policy,
    retire_indicators,
    stream_indicators,
)

_MAXIMUM_PAGE = 500
_FORM_BYTES = 1 << 16
"""What a form holds beside the file."""
MAXIMUM_UPLOAD_BYTES = load_intelligence_policy().limits.bytes + _FORM_BYTES
Text = Annotated[str, Field(max_length=2048)]


class IndicatorQuery(FormQuery):
    """Which indicators: ``value`` is one in full, ``text`` a part of it."""

    type: IndicatorType | None = None
    state: IndicatorState | None = None
    source: Text | None = None
    tlp: Literal["clear", "green", "amber", "amber+strict", "red"] | None = None
    value: Text | None = None
    text: Text | None = None
    limit: int = Field(100, ge=1, le=_MAXIMUM_PAGE)
    cursor: Annotated[str, Field(max_length=1024)] | None = None

    def criteria(self) -> IndicatorFilter:
        """The filter that the parameters describe."""
        text = self.text.strip().lower() if self.text else None
        return IndicatorFilter(self.type, self.state, self.source, self.tlp, self.value, text)


@dataclass(frozen=True, slots=True)
class IndicatorPage:
    """A page of indicators with the number of alerts on each value; ``next_cursor`` is None at the end."""

    indicators: list[Indicator]
    alerts: dict[str, int]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did, and what of the document gave no indicator; ``unlisted`` counts beyond those listed."""

    result: ImportResult
    problems: list[Problem]
    unlisted: int


def find(dependencies: ApiDependencies, query: IndicatorQuery) -> IndicatorPage:
    """One page of the indicators, the last changed first.

    Raises:
        ProblemError: the cursor belongs to another list.
    """
    wanted = query.criteria()
    key, purpose = dependencies.secret_key, f"indicators:{wanted}"
    after = tuple(decode_cursor(key, purpose, query.cursor)) if query.cursor else None
    with dependencies.records.read() as session:
        found = list_indicators(session, wanted, limit=query.limit, after=after)
        alerts = alerts_by_value(session, [each.value for each in found])
    position = [found[-1].updated_ms, found[-1].id] if len(found) == query.limit else None
    return IndicatorPage(found, alerts, encode_cursor(key, purpose, position) if position else None)


def take_in(
    dependencies: ApiDependencies, document: BinaryIO, form: IndicatorFormat, source: str, caller: Caller
) -> Imported:
    """Read a document and import its indicators, part by part.

    Raises:
        ProblemError: the document can't be read, or is beyond a limit; it says what of it was imported before.
    """
    imported, changed_by = Imported(ImportResult(), [], 0), _changed_by(caller)
    try:
        for reading in stream_indicators(document, form, source):
            imported = Imported(
                imported.result + import_indicators(dependencies.records, reading.indicators, changed_by),
                imported.problems + reading.problems,
                imported.unlisted + reading.unlisted,
            )
    except IntelligenceError as error:
        detail = f"{error}{_before(imported.result)}"
        raise ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, "invalid_indicators", detail) from error
    return imported


def _before(result: ImportResult) -> str:
    return f" ({result.added} indicators before were added)" if result.added else ""


def retire(dependencies: ApiDependencies, ids: Sequence[str], reason: str | None, caller: Caller) -> int:
    """Stop comparing events with indicators; returns how many were active.

    Raises:
        ProblemError: there is none of one of the ids.
    """
    try:
        with dependencies.records.begin() as session:
            return retire_indicators(session, ids, reason, _changed_by(caller))
    except IndicatorNotFoundError as error:
        raise ProblemError(HTTPStatus.NOT_FOUND, "indicator_not_found", str(error)) from error


def _changed_by(caller: Caller) -> ChangedBy:
    return ChangedBy(signed_in(caller).actor, caller.origin.request_id, caller.origin.source_address)
