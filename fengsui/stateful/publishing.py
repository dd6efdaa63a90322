"""The sending half: what a worker finds by rules that remember goes to whoever remembers for them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from sqlalchemy.orm import Session

from collectors.transport import Outgoing, Sender
from detection import Match, RuleSet
from detection.alerts import AlertUpdate
from detection.tuning import TunedCorrelations
from events import Event
from fengsui.stateful.consuming import StatefulDetection
from fengsui.stateful.messages import MatchedEvent, encode_matches
from fengsui.stateful.places import Places


class PublishedMatches:
    """Takes the place of correlations in a worker (``fengsui.live_correlator.Correlations``)."""

    is_waiting = False

    def __init__(self, rule_set: RuleSet, sender: Sender, receiving: StatefulDetection) -> None:
        """Send matches of these rules from now on; the receiving half follows the rules too."""
        self._sender = sender
        self._receiving = receiving
        self._places = Places(rule_set, receiving.partitions)
        receiving.follow(rule_set)

    def is_about(self, _rule_set: RuleSet, /) -> bool:
        """Never: all of the rules counts here."""
        return False

    def tune(self, tuned: TunedCorrelations, /) -> None:
        """Pass it on to the receiving half."""
        self._receiving.tune(tuned)

    def take(self, matches: Iterable[Match], /) -> None:
        """Send what must be remembered; on return the brokers have it.

        Raises:
            TransportError: they did not acknowledge it.
        """
        found: dict[int, dict[str, tuple[Event, set[str]]]] = defaultdict(dict)
        for match in matches:
            for partition in self._places.of(match):
                _, rule_ids = found[partition].setdefault(str(match.event["event.id"]), (match.event, set()))
                rule_ids.add(match.rule.id)
        messages = [
            Outgoing(message, partition=partition)
            for partition, events in found.items()
            for message in encode_matches([MatchedEvent(event, frozenset(ids)) for event, ids in events.values()])
        ]
        if messages:
            self._sender.send(self._receiving.topic, messages)

    def alerting(self, matches: Iterable[Match], /) -> list[Match]:
        """The matches of rules that remember nothing."""
        return [match for match in matches if self._places.alerts_at_once(match)]

    def record(self, _session: Session, _now: int, /) -> list[AlertUpdate]:
        """Nothing: what is remembered is written where it is remembered."""
        return []
