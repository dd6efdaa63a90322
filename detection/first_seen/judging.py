"""Which matches of rules with new terms bring something that was not seen before."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import structlog
from sqlalchemy.orm import Session

from detection.first_seen import repository
from detection.first_seen.combinations import combinations_of
from detection.first_seen.models import FirstSeenRule, SeenCombination
from detection.first_seen.pieces import is_new, see, shorten
from detection.first_seen.policy import FirstSeenPolicy, load_first_seen_policy
from detection.match import Match
from detection.rules.rule_types import NewTerms
from events import timestamp_ms

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Sighting:
    match: Match
    time: int
    piece: int
    combinations: list[str]


def only_first_seen(
    session: Session, matches: Sequence[Match], now_ms: int, policy: FirstSeenPolicy | None = None
) -> list[Match]:
    """The matches without those of rules with new terms that bring nothing new; what they bring is remembered.

    All memory is in the records database and belongs to the caller's transaction. ``now_ms`` bounds what a clock that
    runs ahead may do to it.
    """
    policy = policy or load_first_seen_policy()
    by_rule: dict[str, list[Match]] = defaultdict(list)
    for match in matches:
        if match.rule.settings.new_terms is not None:
            by_rule[match.rule.id].append(match)
    new = {id(match) for mine in by_rule.values() for match in _Judging(session, policy, now_ms).new_among(mine)}
    return [match for match in matches if match.rule.settings.new_terms is None or id(match) in new]


@dataclass(frozen=True, slots=True)
class _Judging:
    session: Session
    policy: FirstSeenPolicy
    now_ms: int

    def new_among(self, matches: Sequence[Match]) -> list[Match]:
        """Those of one rule's matches that bring something new."""
        rule = matches[0].rule
        terms = rule.settings.new_terms
        sightings = [] if terms is None else [each for each in map(self._sighting, matches) if each.combinations]
        if terms is None or not sightings:
            return []
        history = max(1, terms.history_ms // self.policy.settling)
        known = self.session.get(FirstSeenRule, rule.id)
        oldest = known.newest_piece - history if known is not None else min(each.piece for each in sightings)
        memory = self._remember_rule(rule.id, sightings)
        seen = self._remember_combinations(rule.id, sightings)
        found = [
            each.match
            for each in sightings
            if each.piece >= oldest
            and each.time >= memory.earliest + self._learning(terms)
            and any(is_new(seen[combination], each.piece, history) for combination in each.combinations)
        ]
        for row in seen.values():
            shorten(row)
        self._forget(memory, history)
        return found

    def _sighting(self, match: Match) -> _Sighting:
        time = timestamp_ms(str(match.event["@timestamp"]))
        fields = match.rule.settings.new_terms.fields if match.rule.settings.new_terms else ()
        settling = self.policy.settling
        return _Sighting(match, time, time // settling, combinations_of(match.event, fields, settling))

    def _learning(self, terms: NewTerms) -> int:
        return self.policy.learning if terms.learning_ms is None else terms.learning_ms

    def _remember_rule(self, rule_id: str, sightings: Sequence[_Sighting]) -> FirstSeenRule:
        earliest = min(each.time for each in sightings)
        latest = (self.now_ms + self.policy.settling) // self.policy.settling
        newest = min(latest, max(each.piece for each in sightings))
        memory = repository.rule_memory(self.session, rule_id, earliest, newest)
        memory.earliest = min(memory.earliest, earliest)
        memory.newest_piece = max(memory.newest_piece, newest)
        return memory

    def _remember_combinations(self, rule_id: str, sightings: Sequence[_Sighting]) -> dict[str, SeenCombination]:
        pieces = {(combination, each.piece) for each in sightings for combination in each.combinations}
        seen = repository.seen_combinations(self.session, rule_id, {combination for combination, _ in pieces})
        for combination, piece in sorted(pieces):
            row = seen.get(combination)
            if row is None:
                row = SeenCombination(
                    rule_id=rule_id, combination=combination, first=piece, latest=piece, recent=[piece]
                )
                self.session.add(row)
                seen[combination] = row
            see(row, piece)
        return seen

    def _forget(self, memory: FirstSeenRule, history: int) -> None:
        repository.drop_before(self.session, memory.rule_id, memory.newest_piece - history)
        forgotten = repository.drop_beyond(self.session, memory.rule_id, self.policy.combinations)
        if forgotten:
            memory.forgotten += forgotten
            _log.warning("new terms forgotten, too many to remember", rule=memory.rule_id, count=forgotten)
