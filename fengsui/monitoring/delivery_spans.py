"""Spans of delivery: one for a group of batches, one below it for what each stage does with a batch or the group."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TypeVar

from opentelemetry import trace
from opentelemetry.trace import Link, NonRecordingSpan, Span
from sqlalchemy.orm import Session

from collectors.delivery import Stages
from collectors.delivery.worker import Delivers
from collectors.normalizers.contract import SourceContext
from collectors.record import NormalizedBatch, RecordBatch
from events import Event

_tracer = trace.get_tracer("fengsui.delivery")
Matches = TypeVar("Matches")
Result = TypeVar("Result")


class TracedDelivery:
    """Delivers groups, each within a span that goes on from where its first batch was decoded."""

    def __init__(self, pipeline: Delivers) -> None:
        """Wrap what delivers."""
        self._pipeline = pipeline

    def deliver(self, batches: Sequence[RecordBatch]) -> object:
        """See ``Delivers``."""
        made = [batch.decoded for batch in batches if batch.decoded is not None]
        context = trace.set_span_in_context(NonRecordingSpan(made[0])) if made else None
        with _tracer.start_as_current_span("deliver", context, links=[Link(each) for each in made[1:]]) as span:
            if span.is_recording():
                span.set_attribute("fengsui.batches", len(batches))
                span.set_attribute("fengsui.records", sum(len(batch.records) for batch in batches))
                span.set_attribute("fengsui.sources", sorted({batch.source for batch in batches}))
            return self._pipeline.deliver(batches)


def traced_stages(stages: Stages[Matches]) -> Stages[Matches]:
    """The stages within spans; the event store's part is ``MeasuredEventStore``'s."""

    def normalize(batch: RecordBatch, context: SourceContext, format: str | None = None, /) -> NormalizedBatch:  # noqa: A002 (the contract's own)
        with _within("normalize") as span:
            found = stages.normalize(batch, context, format)
            span.set_attribute("fengsui.source", batch.source)
            span.set_attribute("fengsui.events", len(found.events))
            span.set_attribute("fengsui.dead_letters", len(found.dead_letters))
            return found

    def record_alerts(session: Session, matches: Matches) -> None:
        with _within("record_alerts"):
            stages.record_alerts(session, matches)

    return replace(
        stages,
        normalize=normalize,
        enrich=_of_events("enrich", stages.enrich),
        match=_of_events("match", stages.match),
        record_alerts=record_alerts,
    )


def _of_events(name: str, work: Callable[[Sequence[Event]], Result]) -> Callable[[Sequence[Event]], Result]:
    def traced(events: Sequence[Event]) -> Result:
        with _within(name) as span:
            span.set_attribute("fengsui.events", len(events))
            return work(events)

    return traced


@contextmanager
def _within(name: str) -> Iterator[Span]:
    """A span below the one of the group; none for what is done between groups, as time passes."""
    group = trace.get_current_span()
    if not group.is_recording():
        yield group
        return
    with _tracer.start_as_current_span(name) as span:
        yield span
