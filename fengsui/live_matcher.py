"""The matcher of a running process: exceptions and rule states that people change take hold between two batches."""

from __future__ import annotations

from collections.abc import Sequence

import structlog
from sqlalchemy.orm import Session

from detection import RuleSet
from detection.lifecycle import RuleState, count_changes, states_of, switched_states
from detection.match import default_cache
from detection.routing import RoutingPolicy
from detection.tuning import LiveException, TunedMatcher, TunedMatches, count_transitions, live_exceptions
from events import Event, now_ms
from fengsui.live_correlator import LiveCorrelator
from store.records import RecordsDatabase

_COMPILED = frozenset({RuleState.ON, RuleState.TEST})
_log = structlog.get_logger(__name__)


class LiveMatcher:
    """Matches batches by what is in force. ``refresh`` may run in another thread: each batch sees one matcher whole."""

    def __init__(self, rule_set: RuleSet, records: RecordsDatabase, policy: RoutingPolicy | None = None) -> None:
        """Compile the rules as they are in force now."""
        self.correlator = LiveCorrelator(rule_set, records, routing=policy)
        self._rules = rule_set.rules
        self._records = records
        self._policy = policy
        self._version = (-1, -1)
        self._current = TunedMatcher((), policy=policy)
        self.refresh()

    def match(self, events: Sequence[Event]) -> TunedMatches:
        """The matches of a batch, raised or withheld; one thread at a time. Correlations take in what is raised."""
        found = self._current.match(events, now_ms())
        self.correlator.take(found.raised)
        return found

    def refresh(self) -> bool:
        """Take over what people changed since; the batch under way ends with the matcher that it began with.

        Returns whether anything had changed. Both tables behind the version only grow, so no change is overlooked.
        """
        with self._records.read() as session:
            version = _version(session)
            if version == self._version:
                return False
            states, exceptions = states_of(self._rules, switched_states(session)), live_exceptions(session)
        successor = self._compile(states, exceptions)
        successor.match(self._current.latest, now_ms())  # what is compiled on first use: here, so no batch waits
        self._current = successor
        self._version = version
        _log.info("rules in force", compiled=sum(state in _COMPILED for state in states.values()))
        return True

    def _compile(self, states: dict[str, RuleState], exceptions: list[LiveException]) -> TunedMatcher:
        rules = [rule for rule in self._rules if states[rule.id] in _COMPILED]
        on_trial = {rule_id for rule_id, state in states.items() if state is RuleState.TEST}
        return TunedMatcher(rules, exceptions, on_trial, self._policy, default_cache())


def _version(session: Session) -> tuple[int, int]:
    """The version counter: how many steps exceptions have taken, and how often rules were switched."""
    return count_transitions(session), count_changes(session)
