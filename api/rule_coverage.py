"""Coverage as the console and the API ask for it."""

from __future__ import annotations

from api.dependencies import ApiDependencies
from detection.coverage import Coverage, measure_coverage
from detection.lifecycle import RuleState, states_of, switched_states
from events import now_ms


def current_coverage(dependencies: ApiDependencies) -> Coverage:
    """The coverage at this moment.

    Raises:
        StoreError: the event store can't answer.
    """
    rules = dependencies.loaded_rules()
    with dependencies.records.read() as session:
        states = states_of(rules, switched_states(session))
        on = {rule_id for rule_id, state in states.items() if state is RuleState.ON}
        return measure_coverage(session, dependencies.events, rules, on, now_ms())
