"""The matcher of a running process: what people change, and what changes in rule files, takes hold between batches."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import partial

import structlog
from sqlalchemy.orm import Session

from detection import RuleSet, first_seen, threshold
from detection.lifecycle import RuleState, count_changes, note_removed, note_versions, states_of, switched_states
from detection.match import default_cache
from detection.routing import RoutingPolicy
from detection.tuning import TunedCorrelations, TunedMatcher, TunedMatches, count_transitions, live_exceptions
from events import Event, now_ms
from fengsui.live_correlator import Correlations, LiveCorrelator
from store.records import RecordsDatabase

_COMPILED = frozenset({RuleState.ON, RuleState.TEST})
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Compiled:
    """A matcher of rules and one of correlations, with the version of exceptions and rule states they were made of."""

    matcher: TunedMatcher
    correlations: TunedCorrelations
    version: tuple[int, int]


class LiveMatcher:
    """Matches batches by what is in force.

    ``refresh`` and ``take_over`` may run in other threads: each batch sees one matcher whole.
    """

    def __init__(
        self,
        rule_set: RuleSet,
        records: RecordsDatabase,
        policy: RoutingPolicy | None = None,
        correlate: Callable[[RuleSet], Correlations] | None = None,
    ) -> None:
        """Compile the rules as they are in force now; ``correlate`` makes what correlates, here by default."""
        self._correlate = correlate or partial(LiveCorrelator, records=records, routing=policy)
        self.correlator = self._correlate(rule_set)
        self._rule_set = rule_set
        self._records = records
        self._policy = policy
        self._changing = threading.Lock()
        self._matching = threading.Lock()
        self._current = _Compiled(TunedMatcher((), policy=policy), TunedCorrelations(), (-1, -1))
        self.refresh()

    def match(self, events: Sequence[Event]) -> TunedMatches:
        """The matches of a batch, raised or withheld; one thread at a time. Correlations take in what is raised."""
        found = self.find(events)
        self.correlator.take(found.raised)
        return found

    def find(self, events: Sequence[Event]) -> TunedMatches:
        """The matches of a batch, and nothing more."""
        with self._matching:
            return self._current.matcher.match(events, now_ms())

    def refresh(self) -> bool:
        """Take over what people changed since; the batch under way ends with the matcher that it began with.

        Returns whether anything had changed. Both tables behind the version only grow, so no change is overlooked.
        """
        with self._changing:
            successor = self._compile(self._rule_set, self._current.version)
            if successor is None:
                return False
            self._current = successor
            self.correlator.tune(successor.correlations)
            return True

    def take_over(
        self, rule_set: RuleSet, between_batches: Callable[[], AbstractContextManager[None]] = nullcontext
    ) -> None:
        """Put other rules in force: compiled aside, then exchanged while ``between_batches`` holds the batches back.

        What unchanged rules remember of events stays. A changed rule begins anew, which its versions and the audit
        trail tell.
        """
        with self._changing:
            successor = self._compile(rule_set)
            with between_batches():
                self._note(rule_set)
                if not self.correlator.is_about(rule_set):
                    self.correlator = self._correlate(rule_set)
                self._current = successor or self._current
                self.correlator.tune(self._current.correlations)
                self._rule_set = rule_set

    def _compile(self, rule_set: RuleSet, known: tuple[int, int] | None = None) -> _Compiled | None:
        """The rules with what people say of them now; None when that is of the version known."""
        with self._records.read() as session:
            version = _version(session)
            if version == known:
                return None
            states = states_of([*rule_set.rules, *rule_set.correlations], switched_states(session))
            exceptions = live_exceptions(session)
        compiled = [rule for rule in rule_set.rules if states[rule.id] in _COMPILED]
        on_trial = {rule_id for rule_id, state in states.items() if state is RuleState.TEST}
        matcher = TunedMatcher(compiled, exceptions, on_trial, self._policy, default_cache())
        matcher.match(self._current.matcher.latest, now_ms())  # what is compiled on first use: here, so no batch waits
        _log.info("rules in force", compiled=len(compiled))
        return _Compiled(matcher, TunedCorrelations(rule_set.correlations, states, exceptions), version)

    def _note(self, rule_set: RuleSet) -> None:
        """Write down which rules are new, changed or gone; those that have changed forget what they remember."""
        before, after = _ids(self._rule_set), _ids(rule_set)
        with self._records.begin() as session:
            note_rules(session, rule_set)
            note_removed(session, [rule_id for rule_id in before if rule_id not in after], now_ms())


def note_rules(session: Session, rule_set: RuleSet) -> None:
    """Write down the rules that were not loaded with this content before, and let them begin anew."""
    changed = note_versions(session, [*rule_set.rules, *rule_set.correlations], now_ms())
    first_seen.forget_rules(session, changed)
    threshold.forget_rules(session, changed)


def _ids(rule_set: RuleSet) -> dict[str, None]:
    return dict.fromkeys([rule.id for rule in rule_set.rules] + [rule.id for rule in rule_set.correlations])


def _version(session: Session) -> tuple[int, int]:
    """The version counter: how many steps exceptions have taken, and how often rules were switched."""
    return count_transitions(session), count_changes(session)
