"""Reads grants from the records database: a hundred thousand within a second or two."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.comparison import comparable
from registry.index.entries import Grant
from registry.models import GrantRecord, GrantTransition
from registry.vocabulary import GrantState

_ROWS_A_FETCH = 5000
_IDS_A_QUERY = 500
_GRANT_STATES = {state.value: state for state in GrantState}
_GRANT_COLUMNS = (
    GrantRecord.id,
    GrantRecord.consumer_id,
    GrantRecord.resource_id,
    GrantRecord.provider_id,
    GrantRecord.fields,
    GrantRecord.purpose,
    GrantRecord.valid_from_ms,
    GrantRecord.valid_to_ms,
    GrantRecord.state,
    GrantRecord.state_since_ms,
    GrantRecord.records_per_day,
    GrantRecord.subjects_per_day,
    GrantRecord.masked,
    GrantRecord.zones,
    GrantRecord.approved_ms,
)


def load_grants(session: Session, ids: Collection[str] | None = None) -> Iterator[Grant]:
    """The grants, all of them or those of some ids."""
    statement = select(*_GRANT_COLUMNS)
    if ids is None:
        pauses = _pauses(session, None)
        for row in session.execute(statement.execution_options(yield_per=_ROWS_A_FETCH)):
            yield _grant(row, pauses)
        return
    ordered = sorted(ids)
    for start in range(0, len(ordered), _IDS_A_QUERY):
        some = ordered[start : start + _IDS_A_QUERY]
        pauses = _pauses(session, some)
        for row in session.execute(statement.where(GrantRecord.id.in_(some))):
            yield _grant(row, pauses)


def _grant(row: Sequence[Any], pauses: dict[str, list[tuple[int, int]]]) -> Grant:
    (grant_id, consumer_id, resource_id, provider_id, fields, purpose, valid_from, valid_to, state, *rest) = row
    since, records, subjects, masked, zones, approved = rest
    return Grant(
        grant_id,
        consumer_id,
        resource_id,
        provider_id,
        frozenset(name.casefold() for name in fields),
        purpose,
        comparable(purpose),
        valid_from,
        valid_to,
        _GRANT_STATES[state],
        since,
        records,
        subjects,
        masked,
        frozenset(zones),
        approved,
        tuple(pauses.get(grant_id, ())),
    )


def _pauses(session: Session, ids: Collection[str] | None) -> dict[str, list[tuple[int, int]]]:
    """The spans in which grants were suspended and are no longer."""
    suspended = GrantState.SUSPENDED.value
    steps = select(GrantTransition.grant_id, GrantTransition.at, GrantTransition.to_state).where(
        (GrantTransition.to_state == suspended) | (GrantTransition.from_state == suspended)
    )
    if ids is not None:
        steps = steps.where(GrantTransition.grant_id.in_(ids))
    begun: dict[str, int] = {}
    found: dict[str, list[tuple[int, int]]] = {}
    for grant_id, at, to_state in session.execute(steps.order_by(GrantTransition.id)):
        if to_state == suspended:
            begun[grant_id] = at
        elif grant_id in begun:
            found.setdefault(grant_id, []).append((begun.pop(grant_id), at))
    return found
