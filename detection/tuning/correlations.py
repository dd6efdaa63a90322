"""Rule states and exceptions of correlations: a correlation's match, as an event, goes the way that events go.

To exceptions a correlation is a rule over the events that its matches are (``detection.correlation.as_event``): they
name the fields that it groups by, or ``fengsui.correlation.metric``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from detection.alerts import Alert, Disposition
from detection.correlation import CorrelationMatch, CorrelationRule, as_event
from detection.lifecycle import RuleState
from detection.routing import FieldProfile, Route, RoutingPolicy, Source
from detection.rules import LogSource, Rule
from detection.rules.expression import Predicate, TextTest
from detection.rules.pattern import Pattern
from detection.rules.rule import Detection
from detection.tuning.matching import LiveException, TunedMatcher, Withheld
from detection.tuning.policy import tuning_policy
from detection.tuning.retrospect import Retrospect
from events import Event, format_timestamp

RULE_FIELD = "fengsui.correlation.rule"
_LOGSOURCE = LogSource(product="fengsui", category="correlation")
_ROUTING = RoutingPolicy(
    sources=[
        Source(product="fengsui", category="correlation", fields="own", routes=[Route(where={RULE_FIELD: ["*"]})])
    ],
    profiles={"own": FieldProfile(keywords=["message"])},
)
_FAR = 1 << 62


def as_rule(correlation: CorrelationRule) -> Rule:
    """A correlation as a rule over its own matches, with all that it says of itself."""
    test = TextTest(Pattern((correlation.id,)))
    return Rule(**correlation.described(), logsource=_LOGSOURCE, detection=Detection(Predicate(RULE_FIELD, test)))


class TunedCorrelations:
    """Tells the matches of correlations that alert from those that are withheld."""

    def __init__(
        self,
        correlations: Iterable[CorrelationRule] = (),
        states: Mapping[str, RuleState] | None = None,
        exceptions: Sequence[LiveException] = (),
    ) -> None:
        """Take the correlations as people have set them; one without a state is on."""
        known = {each.id: each for each in correlations}
        given = states or {}
        self.off = frozenset(id_ for id_ in known if given.get(id_) in {RuleState.DRAFT, RuleState.RETIRED})
        """Ids of the correlations that find nothing."""
        self.on_trial = frozenset(id_ for id_ in known if given.get(id_) is RuleState.TEST)
        """Ids of those whose matches are counted, and neither alert nor count for other correlations."""
        rules = [as_rule(each) for id_, each in known.items() if id_ not in self.off]
        mine = [each for each in exceptions if each.rule_id in known]
        self._matcher = TunedMatcher(rules, mine, self.on_trial, _ROUTING) if mine or self.on_trial else None

    def apart(self, matches: Sequence[CorrelationMatch], now_ms: int) -> tuple[list[CorrelationMatch], list[Withheld]]:
        """The matches that alert, and what is withheld by exceptions and trials; of what is off neither."""
        kept = [match for match in matches if match.rule.id not in self.off]
        if self._matcher is None or not kept:
            return kept, []
        by_id = {match.id: match for match in kept}
        found = self._matcher.match([_event(match, id_) for id_, match in by_id.items()], now_ms)
        return [by_id[str(each.event["event.id"])] for each in found.raised], found.withheld


def look_back_on(correlation: CorrelationRule, exception: LiveException, session: Session) -> Retrospect:
    """Try an exception on a correlation's alerts, each by the group that it is about and the first metric told."""
    limit = tuning_policy().backtest.alert_events_maximum
    newest = select(Alert).where(Alert.rule_id == correlation.id).order_by(Alert.last_seen.desc(), Alert.id)
    alerts = list(session.scalars(newest.limit(limit + 1)))
    found = Retrospect(matches=min(len(alerts), limit), complete=len(alerts) <= limit)
    trial = LiveException("candidate", correlation.id, exception.filter, _FAR)
    matched = TunedMatcher([as_rule(correlation)], [trial], policy=_ROUTING).match(
        [_alert_event(alert) for alert in alerts[:limit]], 0
    )
    _account(found, alerts, {each.event_id for each in matched.withheld})
    return found


def _account(found: Retrospect, alerts: Iterable[Alert], removed_ids: Collection[str]) -> None:
    removed = [alert for alert in alerts if alert.id in removed_ids]
    found.removed = len(removed)
    found.removed_by_disposition = dict(Counter(alert.disposition or "" for alert in removed))
    found.alerts = sorted(alert.id for alert in removed)
    true_positive = Disposition.TRUE_POSITIVE.value
    found.true_positives = sorted(alert.id for alert in removed if alert.disposition == true_positive)


def _event(match: CorrelationMatch, id_: str) -> Event:
    return {**as_event(match), "event.id": id_, RULE_FIELD: match.rule.id}


def _alert_event(alert: Alert) -> Event:
    metrics = [each["value"] for each in alert.matched_fields if each.get("field") is None]
    metric: Event = {"fengsui.correlation.metric": float(metrics[0])} if metrics and metrics[0] else {}
    return {
        "@timestamp": format_timestamp(alert.last_seen),
        "event.id": alert.id,
        "event.dataset": alert.dataset,
        **alert.entity,
        **metric,
        RULE_FIELD: alert.rule_id,
    }
