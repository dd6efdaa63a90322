"""Coverage as the console and the API ask for it."""

from __future__ import annotations

from sqlalchemy.orm import Session

from api.dependencies import ApiDependencies
from detection import Rule
from detection.correlation import CorrelationRule
from detection.coverage import Coverage, load_coverage_policy, measure_coverage
from detection.lifecycle import RuleState, count_changes, states_of, switched_states
from events import now_ms


def current_coverage(dependencies: ApiDependencies) -> Coverage:
    """The coverage at this moment; measured anew when rules or their states change, and as often as policy says.

    Raises:
        StoreError: the event store can't answer.
    """
    now = now_ms()
    with dependencies.records.read() as session:
        rules = (*dependencies.loaded_rules(), *dependencies.correlations())
        version = (rules, count_changes(session), now // (load_coverage_policy().measured_every_seconds * 1_000))
        return dependencies.coverage.of(version, lambda: _measured(dependencies, session, now))


def _measured(dependencies: ApiDependencies, session: Session, now: int) -> Coverage:
    rules: list[Rule | CorrelationRule] = [*dependencies.loaded_rules(), *dependencies.correlations()]
    states = states_of(rules, switched_states(session))
    on = {rule_id for rule_id, state in states.items() if state is RuleState.ON}
    return measure_coverage(session, dependencies.events, rules, on, now)
