"""New terms in input with an end: what would have alerted, whatever the order in which it is read."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from detection.first_seen.combinations import combinations_of
from detection.first_seen.pieces import SETTLING
from detection.first_seen.policy import FirstSeenPolicy, load_first_seen_policy
from detection.rules import Rule
from detection.rules.rule_types import NewTerms
from events import Event, timestamp_ms

Told = TypeVar("Told")


@dataclass(slots=True)
class _Memory(Generic[Told]):
    """What a rule has seen: pieces of time by combination, and what may still turn out to be new."""

    terms: NewTerms
    earliest: int
    pieces: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    waiting: dict[tuple[str, int], dict[tuple[str, str], tuple[int, Told]]] = field(default_factory=dict)


class FirstSeenInInput(Generic[Told]):
    """Takes the matches of rules with new terms in any order; at the end, tells those that bring something new.

    A match waits only as long as nothing is known that makes its values old, so in order of time little does.
    """

    def __init__(self, policy: FirstSeenPolicy | None = None) -> None:
        """By the product's own policy, or another."""
        self._policy = policy or load_first_seen_policy()
        self._memories: dict[str, _Memory[Told]] = {}

    def take(self, rule: Rule, event: Event, file: str, told: Told) -> None:
        """Take a match in; ``told`` is what is given back if it brings something new."""
        terms = rule.settings.new_terms
        combinations = combinations_of(event, terms.fields, self._policy.settling) if terms else []
        if terms is None or not combinations:
            return
        time = timestamp_ms(str(event["@timestamp"]))
        memory = self._memories.setdefault(rule.id, _Memory(terms, time))
        memory.earliest = min(memory.earliest, time)
        piece, history = time // self._policy.settling, max(1, terms.history_ms // self._policy.settling)
        for combination in combinations:
            pieces = memory.pieces[combination]
            at = bisect_left(pieces, piece)
            if at == len(pieces) or pieces[at] != piece:
                _make_old(memory, combination, piece, history)
                insort(pieces, piece)
            oldest = bisect_left(pieces, piece - history)
            if oldest == len(pieces) or pieces[oldest] > piece - SETTLING:
                same = memory.waiting.setdefault((combination, piece), {})
                same[str(event["event.id"]), file] = time, told

    def finish(self) -> Iterator[Told]:
        """What brings something new, by rule and in the order of time."""
        for _, memory in sorted(self._memories.items()):
            learning = memory.terms.learning_ms
            begin = memory.earliest + (self._policy.learning if learning is None else learning)
            found = {key: each for same in memory.waiting.values() for key, each in same.items() if each[0] >= begin}
            for _, told in (found[key] for key in sorted(found, key=lambda key: (found[key][0], key))):
                yield told


def _make_old(memory: _Memory[Told], combination: str, piece: int, history: int) -> None:
    """Drop what waits with a combination that was seen in an earlier piece of its history, as is known now."""
    pieces = memory.pieces[combination]
    for later in pieces[bisect_left(pieces, piece + SETTLING) : bisect_left(pieces, piece + history + 1)]:
        memory.waiting.pop((combination, later), None)
