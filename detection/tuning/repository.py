"""All reading of exceptions, silences and withheld matches, and the writing of the last."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from detection.alerts import Alert, AlertEvent, Disposition
from detection.tuning.matching import Withheld
from detection.tuning.models import (
    ExceptionState,
    RuleException,
    RuleExceptionTransition,
    Silence,
    WithheldBy,
    WithheldMatch,
    WithheldTotal,
)


@dataclass(frozen=True, slots=True)
class WithheldCount:
    """How many events a cause withheld, and the own time of the latest (ms)."""

    events: int = 0
    last_seen: int | None = None


@dataclass(frozen=True, slots=True)
class AlertedEvent:
    """An event of a rule's alert, with what people made of the alert."""

    alert_id: str
    event_id: str
    time: int
    disposition: str | None


def list_exceptions(
    session: Session, states: Sequence[ExceptionState] = (), rule_id: str | None = None
) -> list[RuleException]:
    """The exceptions in some states (all for none) and on one rule, newest first."""
    statement = select(RuleException).order_by(RuleException.created.desc(), RuleException.id)
    if states:
        statement = statement.where(RuleException.state.in_([state.value for state in states]))
    if rule_id:
        statement = statement.where(RuleException.rule_id == rule_id)
    return list(session.scalars(statement))


def exception_transitions(session: Session, exception_id: str) -> list[RuleExceptionTransition]:
    """The history of an exception, oldest first."""
    statement = select(RuleExceptionTransition).where(RuleExceptionTransition.exception_id == exception_id)
    return list(session.scalars(statement.order_by(RuleExceptionTransition.id)))


def count_transitions(session: Session) -> int:
    """How many steps exceptions have ever taken; it grows with every change that is committed."""
    return session.scalar(select(func.count()).select_from(RuleExceptionTransition)) or 0


def record_withheld(session: Session, withheld: Sequence[Withheld]) -> None:
    """Write what a batch withheld within the caller's transaction; what is already there changes nothing."""
    rows = [
        {
            "cause": each.cause.value,
            "cause_id": each.cause_id,
            "event_id": each.event_id,
            "rule_id": each.rule_id,
            "time": each.time,
        }
        for each in withheld
    ]
    if rows:
        dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
        session.execute(dialect.insert(WithheldMatch).on_conflict_do_nothing(), rows)


def withheld_counts(session: Session, cause: WithheldBy, cause_id: str | None = None) -> dict[str, WithheldCount]:
    """What each exception, or each rule on trial, has withheld, by its id; only one when it is named.

    Matches that were removed by age count still.
    """
    kept = select(WithheldMatch.cause_id, func.count(), func.max(WithheldMatch.time))
    kept = kept.where(WithheldMatch.cause == cause.value).group_by(WithheldMatch.cause_id)
    removed = select(WithheldTotal.cause_id, WithheldTotal.events, WithheldTotal.last_seen)
    removed = removed.where(WithheldTotal.cause == cause.value)
    if cause_id is not None:
        kept, removed = (
            kept.where(WithheldMatch.cause_id == cause_id),
            removed.where(WithheldTotal.cause_id == cause_id),
        )
    counts: dict[str, WithheldCount] = {}
    for key, events, last_seen in (*session.execute(kept), *session.execute(removed)):
        known = counts.get(key, WithheldCount())
        counts[key] = WithheldCount(known.events + events, max(last_seen, known.last_seen or last_seen))
    return counts


def add_withheld_total(session: Session, cause: tuple[str, str], events: int, last_seen: int) -> None:
    """Count matches of a cause, given by kind and id, that are removed by age."""
    row = session.get(WithheldTotal, cause)
    if row is None:
        session.add(WithheldTotal(cause=cause[0], cause_id=cause[1], events=events, last_seen=last_seen))
    else:
        row.events, row.last_seen = row.events + events, max(row.last_seen, last_seen)


def withheld_sample(session: Session, cause: WithheldBy, cause_id: str, limit: int) -> list[tuple[int, str]]:
    """(event time in ms, event id) of the latest events that a cause withheld, newest first."""
    statement = select(WithheldMatch.time, WithheldMatch.event_id).where(
        WithheldMatch.cause == cause.value, WithheldMatch.cause_id == cause_id
    )
    rows = session.execute(statement.order_by(WithheldMatch.time.desc(), WithheldMatch.event_id).limit(limit))
    return [(time, event_id) for time, event_id in rows]


def alerted_events(session: Session, rule_id: str, limit: int) -> list[AlertedEvent]:
    """The latest events of a rule's alerts; those of true positives first, so that no limit hides them."""
    true_positive = (Alert.disposition == Disposition.TRUE_POSITIVE.value).is_(True)
    statement = (
        select(Alert.id, AlertEvent.event_id, AlertEvent.time, Alert.disposition)
        .join(AlertEvent, AlertEvent.alert_id == Alert.id)
        .where(Alert.rule_id == rule_id)
        .order_by(true_positive.desc(), AlertEvent.time.desc(), AlertEvent.event_id)
        .limit(limit)
    )
    return [AlertedEvent(*row) for row in session.execute(statement)]


def list_silences(session: Session, *, ending_after: int | None = None) -> list[Silence]:
    """The silences, the last to end first; only those that end after a moment when one is given."""
    statement = select(Silence).order_by(Silence.ends.desc(), Silence.id)
    if ending_after is not None:
        statement = statement.where(Silence.ends > ending_after)
    return list(session.scalars(statement))


def silences_at(session: Session, moment: int) -> list[Silence]:
    """The silences that hold at a moment, the one that lasts longest first."""
    statement = select(Silence).where(Silence.starts <= moment, Silence.ends > moment)
    return list(session.scalars(statement.order_by(Silence.ends.desc(), Silence.id)))


def silenced_counts(session: Session) -> dict[str, int]:
    """How many alerts each silence has taken out of the queue."""
    statement = select(Alert.silence_id, func.count()).where(Alert.silence_id.is_not(None)).group_by(Alert.silence_id)
    return {silence_id or "": number for silence_id, number in session.execute(statement)}
