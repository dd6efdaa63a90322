"""The events of an alert, from the records database's ids to the event store's contents."""

from __future__ import annotations

from dataclasses import dataclass

from api.alert_query import alert_scope
from api.caller import Caller
from api.dependencies import ApiDependencies
from api.problems import not_found
from api.signing import decode_cursor, encode_cursor
from detection.alerts import Alert, AlertTransition, alert_event_ids, alert_transitions, get_alert
from events import Event
from store.event_store import Window


@dataclass(frozen=True, slots=True)
class EventPage:
    """Events of an alert, oldest first, the ids that the store no longer holds, and the next page's cursor."""

    events: list[Event]
    missing: list[str]
    next_cursor: str | None


def load_alert(dependencies: ApiDependencies, alert_id: str, caller: Caller) -> Alert:
    """The alert of an id.

    Raises:
        ProblemError: there is none that the caller may see.
    """
    with dependencies.records.read() as session:
        alert = get_alert(session, alert_scope(caller), alert_id)
    if alert is None:
        raise not_found("alert", "There is no alert of this id; it may have been removed")
    return alert


def load_alert_history(dependencies: ApiDependencies, alert: Alert, caller: Caller) -> list[AlertTransition]:
    """The history of an alert that the caller may see; what analysts remark is for those who watch over all units."""
    with dependencies.records.read() as session:
        steps = alert_transitions(session, alert.id)
        if not alert_scope(caller).is_everything:
            session.expunge_all()
            for step in steps:
                step.reason = None
        return steps


def load_alert_events(dependencies: ApiDependencies, alert_id: str, limit: int, cursor: str | None) -> EventPage:
    """One page of an alert's events."""
    purpose = f"alert-events:{alert_id}"
    after = tuple(decode_cursor(dependencies.secret_key, purpose, cursor)) if cursor else None
    with dependencies.records.read() as session:
        found = alert_event_ids(session, alert_id, limit=limit + 1, after=after)
    page = found[:limit]
    if not page:
        return EventPage([], [], None)
    ids = [event_id for _, event_id in page]
    events = dependencies.events.get(ids, Window(page[0][0], page[-1][0] + 1))
    held = {event.get("event.id") for event in events}
    more = encode_cursor(dependencies.secret_key, purpose, page[-1]) if len(found) > limit else None
    return EventPage(events, [event_id for event_id in ids if event_id not in held], more)
