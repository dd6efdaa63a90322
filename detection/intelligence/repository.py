"""All queries on indicators: lists, what a value stands for, what is still to be searched for, and bulk writing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter

import orjson
from sqlalchemy import Insert, func, insert, select, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from detection.alerts import AlertEntity
from detection.intelligence.models import Indicator, IndicatorState, IndicatorTransition, IndicatorVersion
from detection.intelligence.values import IndicatorType

INDICATOR_ENTITY = "threat.indicator.name"
"""The entity of an alert that holds the value of the indicator it hit (ECS 9)."""
_IDS_A_STATEMENT = 10_000
_ROWS_A_FETCH = 10_000

Position = tuple[int, str]
"""(updated_ms, id) of the last indicator of a page."""


@dataclass(frozen=True, slots=True)
class IndicatorFilter:
    """Which indicators: every condition that is set must hold.

    ``text`` is part of the value; it and ``value`` (in full) are in the spelling of the type.
    """

    type: str | None = None
    state: str | None = None
    source: str | None = None
    tlp: str | None = None
    value: str | None = None
    text: str | None = None


def list_indicators(
    session: Session, criteria: IndicatorFilter, *, limit: int = 50, after: Position | None = None
) -> list[Indicator]:
    """One page of the indicators, the last changed first."""
    statement = select(Indicator).order_by(Indicator.updated_ms.desc(), Indicator.id.desc()).limit(limit)
    for name in ("type", "state", "source", "tlp", "value"):
        if (wanted := getattr(criteria, name)) is not None:
            statement = statement.where(getattr(Indicator, name) == wanted)
    if criteria.text:
        statement = statement.where(Indicator.value.contains(criteria.text, autoescape=True))
    if after is not None:
        statement = statement.where(tuple_(Indicator.updated_ms, Indicator.id) < tuple_(*after))
    return list(session.scalars(statement))


def get_indicators(session: Session, ids: Sequence[str]) -> list[Indicator]:
    """The indicators with these ids; those that there are none of are left out."""
    found: list[Indicator] = []
    for start in range(0, len(ids), _IDS_A_STATEMENT):
        found += session.scalars(select(Indicator).where(Indicator.id.in_(ids[start : start + _IDS_A_STATEMENT])))
    return found


def known_ids(session: Session, ids: Sequence[str]) -> list[str]:
    """Those of these ids that there is an indicator of, in the order given.

    They go to SQLite as one list in JSON: compiling a statement for thousands of values costs more than the answer.
    """
    if not ids:
        return []
    if session.get_bind().dialect.name != "sqlite":
        return [each.id for each in get_indicators(session, ids)]
    given = func.json_each(orjson.dumps(list(ids)).decode()).table_valued("value")
    found = set(session.scalars(select(Indicator.id).where(Indicator.id.in_(select(given.c.value)))))
    return [each for each in ids if each in found]


def indicator_transitions(session: Session, indicator_id: str) -> list[IndicatorTransition]:
    """The history of an indicator, oldest first."""
    wanted = IndicatorTransition.indicator_id == indicator_id
    return list(session.scalars(select(IndicatorTransition).where(wanted).order_by(IndicatorTransition.id)))


def count_by_type(session: Session) -> dict[str, int]:
    """How many indicators of each type events are compared with."""
    active = Indicator.state == IndicatorState.ACTIVE.value
    rows = session.execute(select(Indicator.type, func.count()).where(active).group_by(Indicator.type))
    return {str(kind): int(count) for kind, count in rows}


def alerts_by_value(session: Session, values: Sequence[str]) -> dict[str, int]:
    """How many alerts the values of indicators have; values without are left out."""
    statement = (
        select(AlertEntity.value, func.count())
        .where(AlertEntity.name == INDICATOR_ENTITY, AlertEntity.value.in_(values))
        .group_by(AlertEntity.value)
    )
    return {str(value): int(count) for value, count in session.execute(statement)}


def active_of(session: Session, kind: IndicatorType, values: Sequence[str]) -> list[Indicator]:
    """The active indicators of a type with one of these values, in a fixed order.

    The state is looked at afterwards: asked for it, SQLite would go by it, and nearly all indicators are active.
    """
    statement = select(Indicator).where(Indicator.type == kind.value, Indicator.value.in_(values))
    found = session.scalars(statement.order_by(Indicator.confidence.desc(), Indicator.source, Indicator.id))
    return [each for each in found if each.state == IndicatorState.ACTIVE.value]


def active_values(session: Session) -> Iterator[tuple[IndicatorType, str]]:
    """Type and value of every active indicator.

    There may be a million, so they pass by the object mapper and are read as they lie: by the index of states, which
    nearly all share, SQLite would look for each of them.
    """
    kinds = {kind.value: kind for kind in IndicatorType}
    columns = Indicator.__table__.c
    unretired = select(columns.type, columns.value).where(columns.state != IndicatorState.RETIRED.value)
    for kind, value in session.connection().execute(unretired.execution_options(yield_per=_ROWS_A_FETCH)):
        yield kinds[kind], value


def due_for_search(session: Session, version: int, limit: int) -> list[Indicator]:
    """Active indicators of one type that the store is still to be searched for, known to a set of this version."""
    statement = (
        select(Indicator)
        .where(
            Indicator.state == IndicatorState.ACTIVE.value,
            Indicator.searched_ms.is_(None),
            Indicator.version <= version,
        )
        .order_by(Indicator.type, Indicator.id)
        .limit(limit)
    )
    found = list(session.scalars(statement))
    return [each for each in found if each.type == found[0].type]


def mark_searched(session: Session, indicators: Sequence[Indicator], now: int) -> None:
    """Note that the store has been searched for these; not for one that has changed meanwhile."""
    for each in indicators:
        same = (Indicator.id == each.id) & (Indicator.version == each.version)
        session.execute(update(Indicator).where(same).values(searched_ms=now))


def present_version(session: Session) -> int:
    """The version of the set of indicators; 0 where there never were any."""
    return session.scalar(select(IndicatorVersion.version)) or 0


def next_version(session: Session) -> int:
    """Count a change of the set; another change waits until this transaction ends."""
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    statement = (
        dialect.insert(IndicatorVersion)
        .values(id=1, version=1)
        .on_conflict_do_update(index_elements=["id"], set_={"version": IndicatorVersion.version + 1})
        .returning(IndicatorVersion.version)
    )
    return int(session.scalars(statement).one())


def add_indicators(session: Session, rows: Sequence[Mapping[str, object]]) -> None:
    """Insert indicators in bulk, in the order of their ids; ``labels`` as JSON text."""
    _insert(session, insert(Indicator), sorted(rows, key=itemgetter("id")))


def add_steps(session: Session, rows: Sequence[Mapping[str, object]]) -> None:
    """Write steps in the history of indicators, in bulk, in the order of the indicators' ids."""
    _insert(session, insert(IndicatorTransition), sorted(rows, key=itemgetter("indicator_id")))


def _insert(session: Session, statement: Insert, rows: Sequence[Mapping[str, object]]) -> None:
    """The driver takes the rows as they are: the object mapper costs more than the database does."""
    if not rows:
        return
    connection = session.connection()
    compiled = statement.compile(dialect=connection.dialect, column_keys=list(rows[0]))
    if compiled.positiontup is None:
        connection.exec_driver_sql(str(compiled), [dict(row) for row in rows])
    else:
        values = itemgetter(*compiled.positiontup)
        connection.exec_driver_sql(str(compiled), [values(row) for row in rows])
