"""Spans of decoding, one a batch; a batch tells in which it was made, and nothing is done where traces are not made."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import TypeVar

from opentelemetry import trace

from collectors.record import RecordBatch

_tracer = trace.get_tracer("fengsui.collectors")
Made = TypeVar("Made", RecordBatch, RecordBatch | None)


def decoded(make: Callable[[], Made]) -> Made:
    """The batch that is made, within a span of its own; None leaves no span."""
    span = _tracer.start_span("decode")
    batch = make()
    if batch is None or not span.is_recording():
        return batch
    span.set_attribute("fengsui.source", batch.source)
    span.set_attribute("fengsui.records", len(batch.records))
    span.set_attribute("fengsui.dead_letters", len(batch.dead_letters))
    span.end()
    return replace(batch, decoded=span.get_span_context())


def decoded_each(batches: Iterator[RecordBatch]) -> Iterator[RecordBatch]:
    """The same batches, each made within a span of its own."""
    while (batch := decoded(partial(next, batches, None))) is not None:
        yield batch
