"""What an exception would have removed: the live matcher over the alerts' events, and over the days just past."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field

from sqlalchemy.orm import Session

from detection.alerts import Disposition
from detection.routing import RoutingPolicy
from detection.rules import Rule
from detection.tuning.errors import TuningError
from detection.tuning.matching import LiveException, TunedMatcher, TunedMatches
from detection.tuning.policy import DAY_MS, tuning_policy
from detection.tuning.repository import AlertedEvent, alerted_events
from events import Event
from store.event_store import EventStore, Page, Window
from store.query import MatchAll

_PAGE = 500
_CANDIDATE = "candidate"
_FAR = 1 << 62


@dataclass(slots=True)
class StoreRetrospect:
    """What the exception would have removed of the days just past; ``complete`` if every event was looked at."""

    days: int = 0
    events: int = 0
    matches: int = 0
    removed: int = 0
    complete: bool = True


@dataclass(slots=True)
class Retrospect:
    """What an exception would have removed.

    Attributes:
        matches: past matches of the rule whose events the store still holds.
        removed: how many of them the exception removes.
        missing: alerted events that the store no longer holds.
        complete: whether all alerted events were looked at.
        removed_by_disposition: the removed matches by what people made of their alerts; ``""`` while still open.
        alerts: ids of the alerts of which something is removed.
        true_positives: those among them that people closed as true positives.
        store: the same over every event of the days asked for.
    """

    matches: int = 0
    removed: int = 0
    missing: int = 0
    complete: bool = True
    removed_by_disposition: dict[str, int] = field(default_factory=dict)
    alerts: list[str] = field(default_factory=list)
    true_positives: list[str] = field(default_factory=list)
    store: StoreRetrospect = field(default_factory=StoreRetrospect)

    def as_json(self) -> dict[str, object]:
        """The same as a record keeps it."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Past:
    """Where the past is: the alerts, the events, the present moment, and how events are routed."""

    session: Session
    events: EventStore
    now_ms: int
    policy: RoutingPolicy | None = None


def look_back(rule: Rule, exception: LiveException, past: Past, days: int = 0) -> Retrospect:
    """Try an exception on the events of the rule's alerts, and on all events of the last ``days``.

    Raises:
        TuningError: there are more days than policy allows.
    """
    if not 0 <= days <= tuning_policy().backtest.days_maximum:
        raise TuningError(
            f"an exception is tried on at most {tuning_policy().backtest.days_maximum} days; ask for less",
            "too_many_days",
        )
    trial = LiveException(_CANDIDATE, rule.id, exception.filter, _FAR)
    matcher = TunedMatcher([rule], [trial], policy=past.policy)
    found = _over_alerts(rule, matcher, past)
    if days:
        found.store = _over_store(matcher, past, days)
    return found


def _over_alerts(rule: Rule, matcher: TunedMatcher, past: Past) -> Retrospect:
    limit = tuning_policy().backtest.alert_events_maximum
    alerted = alerted_events(past.session, rule.id, limit + 1)
    found = Retrospect(complete=len(alerted) <= limit)
    alerted = alerted[:limit]
    removed: set[str] = set()
    for start in range(0, len(alerted), _PAGE):
        held = _events_of(alerted[start : start + _PAGE], past.events)
        found.missing += len(alerted[start : start + _PAGE]) - len(held)
        matched = matcher.match(held, past.now_ms)
        found.matches += _count(matched)
        removed.update(each.event_id for each in matched.withheld)
    _account(found, [each for each in alerted if each.event_id in removed])
    return found


def _account(found: Retrospect, removed: Sequence[AlertedEvent]) -> None:
    found.removed = len(removed)
    found.removed_by_disposition = dict(Counter(each.disposition or "" for each in removed))
    found.alerts = sorted({each.alert_id for each in removed})
    true_positive = Disposition.TRUE_POSITIVE.value
    found.true_positives = sorted({each.alert_id for each in removed if each.disposition == true_positive})


def _events_of(alerted: Sequence[AlertedEvent], events: EventStore) -> list[Event]:
    times = [each.time for each in alerted]
    return events.get([each.event_id for each in alerted], Window(min(times), max(times) + 1))


def _over_store(matcher: TunedMatcher, past: Past, days: int) -> StoreRetrospect:
    limit = tuning_policy().backtest.store_events_maximum
    found = StoreRetrospect(days=days)
    for page in _pages(past.events, Window(past.now_ms - days * DAY_MS, past.now_ms + 1)):
        if found.events >= limit:
            found.complete = False
            break
        if page.incomplete:
            found.complete = False
        matched = matcher.match(page.events, past.now_ms)
        found.events += len(page.events)
        found.matches += _count(matched)
        found.removed += len(matched.withheld)
    return found


def _pages(events: EventStore, window: Window) -> Iterator[Page]:
    cursor: str | None = None
    while True:
        page = events.search(MatchAll(), window, limit=_PAGE, cursor=cursor)
        yield page
        if (cursor := page.next_cursor) is None:
            return


def _count(matched: TunedMatches) -> int:
    return len(matched.raised) + len(matched.withheld)
