"""All queries on what rules with new terms have seen."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from detection.first_seen.models import FirstSeenRule, SeenCombination

_IDS_A_QUERY = 500


def rule_memory(session: Session, rule_id: str, earliest: int, piece: int) -> FirstSeenRule:
    """How far a rule has come; begun now where it has not."""
    memory = session.get(FirstSeenRule, rule_id)
    if memory is None:
        memory = FirstSeenRule(rule_id=rule_id, earliest=earliest, newest_piece=piece, forgotten=0)
        session.add(memory)
    return memory


def seen_combinations(session: Session, rule_id: str, digests: Collection[str]) -> dict[str, SeenCombination]:
    """The combinations of these that a rule remembers."""
    wanted = sorted(digests)
    found: dict[str, SeenCombination] = {}
    for start in range(0, len(wanted), _IDS_A_QUERY):
        rows = session.scalars(
            select(SeenCombination).where(
                SeenCombination.rule_id == rule_id,
                SeenCombination.combination.in_(wanted[start : start + _IDS_A_QUERY]),
            )
        )
        found |= {row.combination: row for row in rows}
    return found


def forget_rules(session: Session, rule_ids: Collection[str]) -> None:
    """Forget all that rules have seen: they have changed, and learn anew."""
    wanted = sorted(rule_ids)
    for start in range(0, len(wanted), _IDS_A_QUERY):
        some = wanted[start : start + _IDS_A_QUERY]
        for table in (SeenCombination, FirstSeenRule):
            session.execute(delete(table).where(table.rule_id.in_(some)))


def drop_before(session: Session, rule_id: str, piece: int) -> None:
    """Forget what a rule has not seen since a piece of time."""
    session.flush()
    session.execute(delete(SeenCombination).where(SeenCombination.rule_id == rule_id, SeenCombination.latest < piece))


def drop_beyond(session: Session, rule_id: str, most: int) -> int:
    """Forget the combinations that a rule has not seen for longest, beyond ``most``; returns how many."""
    session.flush()
    count = session.scalar(select(func.count()).where(SeenCombination.rule_id == rule_id)) or 0
    if count <= most:
        return 0
    stalest = (
        select(SeenCombination.combination)
        .where(SeenCombination.rule_id == rule_id)
        .order_by(SeenCombination.latest, SeenCombination.combination)
        .limit(count - most)
    )
    session.execute(
        delete(SeenCombination).where(
            SeenCombination.rule_id == rule_id, SeenCombination.combination.in_(stalest.scalar_subquery())
        )
    )
    return count - most
