"""All reading of rules' states and versions."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from detection.lifecycle.models import RuleState, RuleStateChange, RuleVersion


def switched_states(session: Session) -> dict[str, RuleState]:
    """The states that people gave, by rule; the latest switch counts."""
    latest = select(func.max(RuleStateChange.id)).group_by(RuleStateChange.rule_id)
    rows = session.execute(
        select(RuleStateChange.rule_id, RuleStateChange.to_state).where(RuleStateChange.id.in_(latest))
    )
    return {rule_id: RuleState(state) for rule_id, state in rows}


def state_changes(session: Session, rule_id: str) -> list[RuleStateChange]:
    """The switches of a rule, oldest first."""
    statement = select(RuleStateChange).where(RuleStateChange.rule_id == rule_id).order_by(RuleStateChange.id)
    return list(session.scalars(statement))


def count_changes(session: Session) -> int:
    """How often rules were ever switched; it grows with every switch that is committed."""
    return session.scalar(select(func.count()).select_from(RuleStateChange)) or 0


def latest_versions(session: Session) -> dict[str, RuleVersion]:
    """The version in which each rule was last loaded, by rule."""
    latest = select(func.max(RuleVersion.id)).group_by(RuleVersion.rule_id)
    rows = session.scalars(select(RuleVersion).where(RuleVersion.id.in_(latest)))
    return {row.rule_id: row for row in rows}


def versions_of(session: Session, rule_id: str) -> list[RuleVersion]:
    """The versions in which a rule was loaded, oldest first."""
    statement = select(RuleVersion).where(RuleVersion.rule_id == rule_id).order_by(RuleVersion.id)
    return list(session.scalars(statement))
