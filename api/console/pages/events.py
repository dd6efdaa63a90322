"""One event's fields, with ways to search on from each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from api.access import Requires
from api.alert_events import load_alert
from api.caller import Caller
from api.console.formatting import event_time_ms, url, value_text
from api.console.query_text import clause, excluding, including
from api.console.rendering import render
from api.dependencies import Dependencies
from api.event_search import read_event
from events import Event, values_of
from store.event_store import Window

router = APIRouter(include_in_schema=False)
_LONGEST_PIVOT = 256
_NOT_SEARCHED = frozenset({"event.original", "message", "@timestamp", "event.ingested"})


@dataclass(frozen=True, slots=True)
class FieldRow:
    """A field as the page shows it; the addresses are empty where a search on it makes no sense."""

    name: str
    value: str
    matched: bool
    include: str = ""
    exclude: str = ""
    only: str = ""


@router.get("/events/{event_id}")
def show(  # noqa: PLR0913 (each is a parameter of the address)
    request: Request,
    event_id: str,
    dependencies: Dependencies,
    caller: Annotated[Caller, Depends(Requires("events:read"))],
    *,
    at: int | None = None,
    alert: str | None = None,
    q: str = "",
    start: Annotated[str, Query(alias="from")] = "",
    end: Annotated[str, Query(alias="to")] = "",
) -> Response:
    """The fields of an event; ``alert`` marks those for which its rule matched."""
    window = Window() if at is None else Window(at, at + 1)
    event = read_event(dependencies, caller, event_id, window)
    source = load_alert(dependencies, alert, caller) if alert else None
    matched = source.matched_fields if source else []
    names = {str(field["event_field"]) for field in matched if field.get("event_field")}
    rows = [_row(name, event, q, (start, end), name in names) for name in _ordered(event, names)]
    context = {
        "rows": rows,
        "original": event.get("event.original"),
        "event_id": event_id,
        "at": event_time_ms(event),
        "rule_id": source.rule_id if source else "",
    }
    return render(request, "event_fields.html", context)


def _ordered(event: Event, matched: set[str]) -> list[str]:
    """Matched fields first, the original aside, the rest by name."""
    return sorted((name for name in event if name != "event.original"), key=lambda name: (name not in matched, name))


def _row(name: str, event: Event, query: str, span: tuple[str, str], matched: bool) -> FieldRow:  # noqa: FBT001 (private)
    value = event[name]
    text, first = value_text(value), values_of(value)[0]
    if name in _NOT_SEARCHED or first is None or len(str(first)) > _LONGEST_PIVOT:
        return FieldRow(name, text, matched)
    part, (start, end) = clause(name, first), span
    queries = (including(query, part), excluding(query, part), part)
    addresses = [url("/search", q=wanted, from_=start, to=end) for wanted in queries]
    return FieldRow(name, text, matched, *addresses)
