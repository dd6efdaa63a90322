"""Silences: alerts that fit are recorded as ever, but kept out of the queue until the silence ends."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from detection.alerts import Alert
from detection.authorship import Change, ChangedBy, audit_change
from detection.rules import Level
from detection.tuning.errors import SilenceNotFoundError, TuningConflictError, TuningError
from detection.tuning.models import Silence
from detection.tuning.policy import DAY_MS, tuning_policy
from detection.tuning.repository import silences_at

MATCHER_KINDS = ("rules", "levels", "entities", "tags")
_IDS_A_QUERY = 500


@dataclass(frozen=True, slots=True)
class NewSilence:
    """A silence to begin: what fits ``matchers`` (see ``Silence``), from ``starts`` to ``ends`` (ms), and why."""

    matchers: Mapping[str, Sequence[str]]
    starts: int
    ends: int
    reason: str


def begin_silence(session: Session, wanted: NewSilence, by: ChangedBy) -> Silence:
    """Save a silence; alerts that are raised from ``starts`` to ``ends`` and fit are silenced.

    Raises:
        TuningError: no matcher or one of no known kind, a span that is over or beyond policy, or no reason.
    """
    _check(wanted, by.at_ms)
    row = Silence(
        id=str(uuid4()),
        starts=wanted.starts,
        ends=wanted.ends,
        matchers=_matchers(wanted.matchers),
        reason=wanted.reason.strip(),
        owner=by.actor.name,
        created=by.at_ms,
    )
    session.add(row)
    session.flush()
    after = {"starts": row.starts, "ends": row.ends, "matchers": row.matchers}
    audit_change(session, Change("silence", "begin", row.id, row.reason, after=after), by)
    return row


def end_silence(session: Session, silence_id: str, by: ChangedBy) -> Silence:
    """End a silence now; its alerts appear in the queue unless another silence fits them.

    Raises:
        SilenceNotFoundError: there is none of this id.
        TuningConflictError: it has ended.
    """
    now_ms, row = by.at_ms, session.get(Silence, silence_id, with_for_update=True)
    if row is None:
        raise SilenceNotFoundError("There is no silence of this id; reload the list")
    if row.ends <= now_ms:
        raise TuningConflictError("The silence has ended already")
    before = row.ends
    row.starts, row.ends, row.ended_by = min(row.starts, now_ms), now_ms, by.actor.name
    _release(session, row, now_ms)
    audit_change(session, Change("silence", "end", row.id, before={"ends": before}, after={"ends": now_ms}), by)
    return row


def silence_alerts(session: Session, alert_ids: Sequence[str], now_ms: int) -> int:
    """Silence those of the alerts that a present silence fits, in the caller's transaction; returns how many."""
    silences, silenced = silences_at(session, now_ms) if alert_ids else [], 0
    if not silences:
        return 0
    for alert in _alerts(session, alert_ids):
        fitting = next((each for each in silences if fits(each, alert)), None)
        if fitting is not None:
            alert.silence_id, alert.silenced_until = fitting.id, fitting.ends
            silenced += 1
    session.flush()
    return silenced


def fits(silence: Silence, alert: Alert) -> bool:
    """Whether every kind of matcher fits the alert by any one of its list; letter case does not count."""
    held = {
        "rules": [alert.rule_id],
        "levels": [alert.level],
        "entities": [f"{name}={value}" for name, value in alert.entity.items()],
        "tags": alert.tags,
    }
    return all(
        not {value.casefold() for value in wanted}.isdisjoint(value.casefold() for value in held[kind])
        for kind, wanted in silence.matchers.items()
    )


def _release(session: Session, silence: Silence, now_ms: int) -> None:
    waiting = select(Alert).where(Alert.silence_id == silence.id, Alert.silenced_until > now_ms)
    alerts = list(session.scalars(waiting))
    for alert in alerts:
        alert.silenced_until = now_ms
    session.flush()
    silence_alerts(session, [alert.id for alert in alerts], now_ms)


def _alerts(session: Session, alert_ids: Sequence[str]) -> Iterator[Alert]:
    for start in range(0, len(alert_ids), _IDS_A_QUERY):
        yield from session.scalars(select(Alert).where(Alert.id.in_(alert_ids[start : start + _IDS_A_QUERY])))


def _check(wanted: NewSilence, now_ms: int) -> None:
    days = tuning_policy().silences.maximum_days
    if wanted.ends <= max(wanted.starts, now_ms) or wanted.ends - wanted.starts > days * DAY_MS:
        raise TuningError(
            f"A silence ends after it starts, in the future, and lasts at most {days} days; change its end",
            "silence_span",
        )
    longest = tuning_policy().exceptions.reason_maximum_length
    if not 0 < len(wanted.reason.strip()) <= longest:
        raise TuningError(f"A reason is needed, with at most {longest} characters", "reason_needed")


def _matchers(given: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """The matchers without blanks.

    Raises:
        TuningError: there are none or too many, or one that can't fit anything.
    """
    cleaned = {
        kind: list(dict.fromkeys(each.strip() for each in values if each.strip())) for kind, values in given.items()
    }
    matchers = {kind: values for kind, values in cleaned.items() if values}
    if unknown := sorted(set(matchers) - set(MATCHER_KINDS)):
        message = f"{', '.join(unknown)}: no such matcher; the matchers are {', '.join(MATCHER_KINDS)}"
        raise TuningError(message, "matcher_unknown")
    most = tuning_policy().silences.matchers_maximum
    if not 0 < sum(map(len, matchers.values())) <= most:
        message = f"A silence needs 1 to {most} matchers; without any it would hide every alert"
        raise TuningError(message, "matchers_missing")
    if wrong := [level for level in matchers.get("levels", ()) if level.casefold() not in set(Level)]:
        raise TuningError(f"'{wrong[0]}' is no level; the levels are {', '.join(Level)}", "level_unknown")
    if wrong := [entity for entity in matchers.get("entities", ()) if "=" not in entity]:
        message = f"'{wrong[0]}' is no entity; write name=value, as in host.name=web-1"
        raise TuningError(message, "entity_form")
    return matchers
