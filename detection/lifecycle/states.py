"""Which state each rule is in, and how people switch it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from detection.authorship import Change, ChangedBy, audit_change
from detection.errors import DetectionError
from detection.lifecycle.models import RuleState, RuleStateChange
from detection.lifecycle.policy import lifecycle_policy
from detection.rules import Rule
from detection.rules.correlation_rule import CorrelationRule


class RuleSwitchError(DetectionError):
    """A rule can't be switched: it is in that state already, or there is no reason."""


def states_of(rules: Iterable[Rule | CorrelationRule], switched: Mapping[str, RuleState]) -> dict[str, RuleState]:
    """The state of every rule: as switched by people, else by its status."""
    return {rule.id: state_of(rule.id, rule.status, switched) for rule in rules}


def state_of(rule_id: str, status: str | None, switched: Mapping[str, RuleState]) -> RuleState:
    """The state of one rule."""
    return switched.get(rule_id) or lifecycle_policy().state(status)


def switch(
    session: Session, rule: tuple[str, str | None], to_state: RuleState, reason: str, by: ChangedBy
) -> RuleStateChange:
    """Put a rule, given by id and Sigma status, into a state; it holds from the next batch of events on.

    Raises:
        RuleSwitchError: it is in that state already, or the reason is missing or too long.
    """
    rule_id, status = rule
    before = _state_now(session, rule_id, status)
    if before is to_state:
        raise RuleSwitchError(f"The rule is {to_state.value} already; choose another state")
    longest = lifecycle_policy().reason_maximum_length
    if not 0 < len(reason.strip()) <= longest:
        raise RuleSwitchError(f"A reason is needed, with at most {longest} characters")
    row = RuleStateChange(
        rule_id=rule_id,
        at=by.at_ms,
        from_state=before.value,
        to_state=to_state.value,
        actor=by.actor.name,
        reason=reason.strip(),
    )
    session.add(row)
    session.flush()
    change = Change(
        "rule", "switch", rule_id, row.reason, before={"state": row.from_state}, after={"state": row.to_state}
    )
    audit_change(session, change, by)
    return row


def _state_now(session: Session, rule_id: str, status: str | None) -> RuleState:
    statement = select(RuleStateChange.to_state).where(RuleStateChange.rule_id == rule_id)
    switched = session.scalar(statement.order_by(RuleStateChange.id.desc()).limit(1))
    return RuleState(switched) if switched else lifecycle_policy().state(status)
