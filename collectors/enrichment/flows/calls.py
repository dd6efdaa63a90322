"""Calls of data interfaces through a gateway."""

from __future__ import annotations

from collectors.enrichment.flows.bodies import BodyContent, BodyReader
from collectors.enrichment.flows.taking import Taking
from collectors.enrichment.flows.vocabulary import Activity
from events import Event
from registry.index import Resource
from registry.vocabulary import Opening

_REQUEST, _RESPONSE = "http.request.body.content", "http.response.body.content"
_NOTHING = BodyContent()


def call_taking(event: Event, resource: Resource | None, answer: BodyContent | None) -> Taking:
    """What a call took, by what the gateway says and what the answer was seen to hold."""
    answer = answer or _NOTHING
    fields = event.get("fengsui.data.fields")
    taken = tuple(map(str, fields)) if isinstance(fields, list) else (str(fields),) if fields else None
    return Taking(
        account=account_of(event),
        resource=resource,
        name=_text(event, "fengsui.data.resource") or _text(event, "event.action") or _text(event, "url.path"),
        activity=_activity(event, resource),
        fields=tuple(dict.fromkeys([*(taken or ()), *answer.fields])) or taken,
        categories=answer.categories,
        masked=_masked(event, answer),
    )


def account_of(event: Event) -> str | None:
    """The account that calls, as the gateway names it."""
    return _text(event, "fengsui.consumer.id") or _text(event, "user.name")


def read_bodies(event: Event, reader: BodyReader) -> BodyContent | None:
    """Take the bodies out of an event and look into them; None where the gateway logged none.

    What is known from a body goes where the gateway says nothing: records, subjects, and of the request whom it asks
    for.
    """
    request, response = event.pop(_REQUEST, None), event.pop(_RESPONSE, None)
    if request is None and response is None:
        return None
    asked = reader.read(str(request)) if request else _NOTHING
    answer = reader.read(str(response)) if response else _NOTHING
    fingerprints = answer.fingerprints or asked.fingerprints
    if fingerprints:
        event["fengsui.data.subject"] = list(fingerprints)
        event.setdefault("fengsui.data.subjects", max(answer.subjects, asked.subjects))
    if answer.records is not None:
        event.setdefault("fengsui.data.records", answer.records)
    if asked.cut or answer.cut:
        event["fengsui.data.body"] = "cut"
    return answer


def _activity(event: Event, resource: Resource | None) -> Activity:
    if event.get("http.request.method") == "DELETE":
        return Activity.DESTROY
    if resource is not None and resource.opening is Opening.UNCONDITIONAL:
        return Activity.OPEN
    return Activity.PROVIDE


def _masked(event: Event, answer: BodyContent) -> bool | None:
    """What the answer shows counts before what the gateway claims."""
    claimed = event.get("fengsui.data.masked")
    return answer.masked if answer.masked is not None else claimed if isinstance(claimed, bool) else None


def _text(event: Event, name: str) -> str | None:
    value = event.get(name)
    return value if isinstance(value, str) and value else None
