"""All queries on the windows that rules with a threshold count in."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import delete, func, select, tuple_
from sqlalchemy.orm import Session

from detection.threshold.models import ThresholdWindow

_IDS_A_QUERY = 400


def windows(
    session: Session, rule_id: str, keys: Collection[tuple[str, int]]
) -> dict[tuple[str, int], ThresholdWindow]:
    """The windows of a rule by group and start; those not there yet are begun."""
    wanted = sorted(keys)
    found: dict[tuple[str, int], ThresholdWindow] = {}
    for at in range(0, len(wanted), _IDS_A_QUERY):
        some = tuple_(ThresholdWindow.group, ThresholdWindow.start).in_(wanted[at : at + _IDS_A_QUERY])
        rows = session.scalars(select(ThresholdWindow).where(ThresholdWindow.rule_id == rule_id, some))
        found |= {(row.group, row.start): row for row in rows}
    for group, start in wanted:
        if (group, start) not in found:
            row = ThresholdWindow(rule_id=rule_id, group=group, start=start, reached=False, waiting={})
            session.add(row)
            found[group, start] = row
    return found


def forget_rules(session: Session, rule_ids: Collection[str]) -> None:
    """Forget what rules have counted: they have changed, and count anew."""
    wanted = sorted(rule_ids)
    for start in range(0, len(wanted), _IDS_A_QUERY):
        some = wanted[start : start + _IDS_A_QUERY]
        session.execute(delete(ThresholdWindow).where(ThresholdWindow.rule_id.in_(some)))


def drop_before(session: Session, rule_id: str, start: int) -> None:
    """Forget the windows of a rule that began before a moment."""
    session.flush()
    session.execute(delete(ThresholdWindow).where(ThresholdWindow.rule_id == rule_id, ThresholdWindow.start < start))


def drop_beyond(session: Session, rule_id: str, most: int) -> int:
    """Forget the oldest windows of a rule, beyond ``most``; returns how many."""
    session.flush()
    count = session.scalar(select(func.count()).where(ThresholdWindow.rule_id == rule_id)) or 0
    if count <= most:
        return 0
    oldest = session.execute(
        select(ThresholdWindow.group, ThresholdWindow.start)
        .where(ThresholdWindow.rule_id == rule_id)
        .order_by(ThresholdWindow.start, ThresholdWindow.group)
        .limit(count - most)
    ).all()
    for at in range(0, len(oldest), _IDS_A_QUERY):
        some = tuple_(ThresholdWindow.group, ThresholdWindow.start).in_(
            [tuple(row) for row in oldest[at : at + _IDS_A_QUERY]]
        )
        session.execute(delete(ThresholdWindow).where(ThresholdWindow.rule_id == rule_id, some))
    return len(oldest)
