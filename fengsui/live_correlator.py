"""Correlations of a running process: what they hold is kept beside the checkpoints, so that a restart loses nothing.

What a batch gave stays here until the transaction that takes its checkpoint is through. A batch that is tried again
is known by its events' ids; after a crash the records database is where the checkpoints are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from copy import copy
from typing import Protocol

from sqlalchemy import event
from sqlalchemy.orm import Session

from detection import Match, RuleSet
from detection.alerts import AlertUpdate
from detection.correlation import CorrelationMatch, CorrelationPolicy, Correlator
from detection.correlation.alerting import CorrelationGrouping
from detection.correlation.correlator import Taken
from detection.correlation.family import Family
from detection.correlation.repository import add_items, family_key, forget_families, load_family, save_state
from detection.routing import RoutingPolicy
from detection.tuning import TunedCorrelations, record_withheld
from events import now_ms
from store.records import RecordsDatabase


class Correlations(Protocol):
    """What a running process does about correlations (``LiveCorrelator``), here or elsewhere."""

    @property
    def is_waiting(self) -> bool:
        """Whether anything is held that the passing of time alone will bring to an end."""

    def is_about(self, rule_set: RuleSet, /) -> bool:
        """Whether it may stay as it is where these rules are in force."""

    def tune(self, tuned: TunedCorrelations, /) -> None:
        """Follow what people say of correlations from the next batch on."""

    def take(self, matches: Iterable[Match], /) -> None:
        """Take in the matches of a batch; one that is tried again changes nothing."""

    def alerting(self, matches: Iterable[Match], /) -> list[Match]:
        """The matches that alert here, if their rules' own types let them."""

    def record(self, session: Session, now: int, /) -> list[AlertUpdate]:
        """Write within a batch's transaction; the alert updates to write with it."""


class LiveCorrelator:
    """Takes the matches of each batch; its alerts and its state go into the batch's transaction."""

    def __init__(
        self,
        rule_set: RuleSet,
        records: RecordsDatabase,
        policy: CorrelationPolicy | None = None,
        routing: RoutingPolicy | None = None,
        evaluates: Callable[[Family], bool] | None = None,
    ) -> None:
        """Take up where the records database says that these correlations stood.

        ``evaluates`` chooses families where other processes have the others; all by default.
        """
        self._routing = routing
        self._correlator = Correlator(rule_set, policy, routing)
        known = self._correlator.families
        if evaluates is not None:
            self._correlator = Correlator(rule_set, policy, routing, evaluates)
        self._grouping = CorrelationGrouping()
        self._tuned = TunedCorrelations()
        self._found: list[CorrelationMatch] = []
        self._taken: list[Taken] = []
        self._unsaved: set[str] = set()
        with records.begin() as session:
            forget_families(session, known)
            for family in self._correlator.families:
                load_family(session, family)
        self._saved = {id(family): copy(family.tally) for family in self._correlator.families}

    def is_about(self, rule_set: RuleSet) -> bool:
        """Whether a rule set holds the same correlations, over rules that ask the same."""
        other = Correlator(rule_set, self._correlator.policy, self._routing)
        return _identity(other) == _identity(self._correlator)

    def tune(self, tuned: TunedCorrelations) -> None:
        """Follow what people say of correlations from the next batch on."""
        self._tuned = tuned
        for family in self._correlator.families:
            family.kept_back = tuned.off | tuned.on_trial

    @property
    def is_waiting(self) -> bool:
        """Whether anything is held that the passing of time alone will bring to an end."""
        return bool(self._found) or any(family.is_waiting for family in self._correlator.families)

    def take(self, matches: Iterable[Match], now: int | None = None) -> None:
        """Take in the matches of a batch; one that is tried again changes nothing."""
        new = [match for match in matches if str(match.event["event.id"]) not in self._unsaved]
        found, taken = self._correlator.observe_live(new, now_ms() if now is None else now)
        self._found += found
        self._taken += taken
        self._unsaved.update(str(match.event["event.id"]) for match in new if self._correlator.reads(match.rule.id))

    def alerting(self, matches: Iterable[Match]) -> list[Match]:
        """The matches whose rules alert on their own and not only feed correlations."""
        return [match for match in matches if match.rule.id not in self._correlator.silent]

    def record(self, session: Session, now: int) -> list[AlertUpdate]:
        """Write the state within a batch's transaction; the alert updates to write with it."""
        add_items(session, self._taken)
        for family in self._correlator.families:
            if family.tally != self._saved[id(family)]:
                save_state(session, family, self._saved[id(family)], now)
        tallies = {id(family): copy(family.tally) for family in self._correlator.families}

        def written(_: Session) -> None:
            self._saved = tallies
            self._found.clear()
            self._taken.clear()
            self._unsaved.clear()

        event.listen(session, "after_commit", written, once=True)
        raised, withheld = self._tuned.apart(self._found, now)
        record_withheld(session, withheld)
        return self._grouping.updates(raised)


def _identity(correlator: Correlator) -> list[tuple[str, list[str]]]:
    return [(family_key(family), [rule.version for rule in family.rules]) for family in correlator.families]
