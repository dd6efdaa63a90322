"""Figures of delivery: events and dead letters by where they came from, lag, and the time that a batch takes."""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from time import perf_counter
from typing import ParamSpec, TypeVar

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from collectors.delivery import Delivered, Delivery, Stages
from events import now_ms, timestamp_ms

_BUCKETS = (0.001, 0.005, 0.02, 0.05, 0.1, 0.3, 1.0, 3.0, 10.0)
Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")
Matches = TypeVar("Matches")


class DeliveryFigures:
    """What a delivery is measured by; counted once a group of batches is on disk, so that a retry counts once."""

    def __init__(self, registry: CollectorRegistry) -> None:
        """Declare the figures."""
        self._registry = registry
        self._events = Counter(
            "fengsui_events", "Events delivered to the event store", ("source", "dataset"), registry=registry
        )
        self._letters = Counter(
            "fengsui_dead_letters", "Records that became dead letters", ("source", "reason"), registry=registry
        )
        self._batches = Counter("fengsui_batches", "Batches delivered", ("source",), registry=registry)
        self._lag = Gauge(
            "fengsui_delivery_lag_seconds",
            "How old the newest event of the last batch was when it was on disk",
            ("source",),
            registry=registry,
        )
        self._seconds = Histogram(
            "fengsui_delivery_seconds",
            "Seconds that a stage of delivery takes for a batch or group of batches",
            ("stage",),
            buckets=_BUCKETS,
            registry=registry,
        )

    def around(self, stages: Stages[Matches]) -> Stages[Matches]:
        """The stages, timed and listened to; the store's part is timed by ``MeasuredEventStore``."""
        return replace(
            stages,
            normalize=self._timed("normalize", stages.normalize),
            enrich=self._timed("enrich", stages.enrich),
            match=self._timed("match", stages.match),
            record_alerts=self._timed("record_alerts", stages.record_alerts),
            told=self.count,
        )

    def count(self, delivered: Sequence[Delivered]) -> None:
        """Count a group that is on disk."""
        for part in delivered:
            source = part.batch.source
            self._batches.labels(source).inc()
            for dataset, events in Tally(event.get("event.dataset", "") for event in part.events).items():
                self._events.labels(source, dataset).inc(events)
            for reason, letters in Tally(each.letter.reason.value for each in part.dead_letters).items():
                self._letters.labels(source, reason).inc(letters)
            if part.events:
                newest = max(str(event["@timestamp"]) for event in part.events)
                self._lag.labels(source).set(max(0, now_ms() - timestamp_ms(newest)) / 1000)

    def watch_queue(self, delivery: Delivery) -> None:
        """Tell how much waits to be delivered, asked when it is scraped."""
        for place, (unit, what) in enumerate((("records", "Records"), ("bytes", "Estimated bytes of records"))):
            gauge = Gauge(f"fengsui_delivery_queue_{unit}", f"{what} waiting for delivery", registry=self._registry)
            gauge.set_function(partial(_waiting, delivery, place))

    def _timed(self, stage: str, work: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
        seconds = self._seconds.labels(stage)

        def timed(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
            began = perf_counter()
            try:
                return work(*args, **kwargs)
            finally:
                seconds.observe(perf_counter() - began)

        return timed


def _waiting(delivery: Delivery, place: int) -> float:
    return delivery.waiting[place]
