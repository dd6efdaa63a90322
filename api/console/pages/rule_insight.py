"""One rule: its text, what came of its alerts, and why it matches an event or not."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response

from api.access import Requires
from api.caller import Caller
from api.console.formatting import url
from api.console.rendering import redirect, render
from api.dependencies import ApiDependencies, Dependencies, RuleSummary
from api.problems import not_found
from api.rule_lookup import loaded_correlation, loaded_rule, rule_source
from detection.explanation import Explanation, explain
from detection.scorecard import scorecard_of
from events import Event, now_ms
from store.event_store import Window

router = APIRouter(include_in_schema=False)
_SHOWN = 50
Id = Annotated[str, Query(max_length=64)]


@router.get("/rules/{rule_id}/insight")
def show(  # noqa: PLR0913 (each is a parameter of the address)
    request: Request,
    rule_id: str,
    dependencies: Dependencies,
    caller: Annotated[Caller, Depends(Requires("rules:read"))],
    *,
    event: Id = "",
    at: int | None = None,
) -> Response:
    """The rule's page; with an event, why the rule matches it or not."""
    rule = loaded_rule(dependencies, rule_id)
    is_correlation = loaded_correlation(dependencies, rule_id) is not None
    with dependencies.records.read() as session:
        card = scorecard_of(session, rule_id, now_ms())
    may_read_events = caller.principal is not None and caller.principal.may("events:read")
    context: dict[str, Any] = {
        "active": "rules",
        "rule": _summary_of(dependencies, rule_id),
        "source": rule and rule_source(rule),
        "can_explain": rule is not None and may_read_events and not is_correlation,
        "event_id": event,
        "explanation": None,
        "event_missing": False,
        "card": card,
    }
    if event and rule is not None and context["can_explain"]:
        found = _event(dependencies, event, at)
        explanation: Explanation | None = explain(rule, found) if found else None
        context |= {"explanation": explanation, "event_missing": explanation is None}
    return render(request, "rule_insight.html", context)


@router.get("/explanations")
def choose(  # noqa: PLR0913 (as above)
    request: Request,
    dependencies: Dependencies,
    caller: Annotated[Caller, Depends(Requires("events:read"))],
    *,
    event: Id = "",
    at: int | None = None,
    text: Annotated[str, Query(max_length=256)] = "",
) -> Response:
    """From an event and words of a rule's title or id to the explanation; where several rules fit, a choice."""
    wanted = text.strip().casefold()
    may_read_rules = caller.principal is not None and caller.principal.may("rules:read")
    rules = dependencies.rules() if wanted and may_read_rules else ()
    found = [rule for rule in rules if not rule.problem and wanted in f"{rule.title} {rule.id}".casefold()]
    if len(found) == 1:
        return redirect(url(f"/rules/{found[0].id}/insight", event=event, at=at))
    context = {"active": "search", "rules": found[:_SHOWN], "found": len(found), "event_id": event, "at": at}
    return render(request, "choose_rule.html", context | {"text": text})


def _summary_of(dependencies: ApiDependencies, rule_id: str) -> RuleSummary:
    summary = next((rule for rule in dependencies.rules() if rule.id == rule_id), None)
    if summary is None:
        raise not_found("rule", "There is no rule of this id; it may have been removed")
    return summary


def _event(dependencies: ApiDependencies, event_id: str, at: int | None) -> Event | None:
    window = Window() if at is None else Window(at, at + 1)
    return next(iter(dependencies.events.get([event_id], window)), None)
