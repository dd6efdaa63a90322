"""``detection-worker``: takes records that collectors sent, stores and matches them; one of as many as are started."""

from __future__ import annotations

import signal
import threading
from contextlib import closing
from datetime import tzinfo
from functools import partial

from prometheus_client import CollectorRegistry

from api.readiness import check_stores
from collectors.collect import Collector
from collectors.delivery import Delivery
from collectors.transport import Sender, TransportSource, ensure_topics
from fengsui.detecting import build_pipeline, load_detectors
from fengsui.errors import FengsuiError
from fengsui.event_store import open_store
from fengsui.flows import LiveFlows
from fengsui.monitoring.delivery_figures import DeliveryFigures
from fengsui.monitoring.delivery_spans import TracedDelivery, traced_stages
from fengsui.monitoring.logs import configure_logs
from fengsui.monitoring.measured_store import MeasuredEventStore
from fengsui.monitoring.process import listening, process_figures
from fengsui.monitoring.readiness import check_collecting, check_surroundings
from fengsui.monitoring.tracing import configure_tracing
from fengsui.monitoring.transport_figures import TransportFigures
from fengsui.processes.foundation import checkpoint_signer, open_records, prepare_data_dir
from fengsui.processes.housekeeping import Following, Housekeeping, Rounds
from fengsui.processes.sealing import TrailSealing
from fengsui.settings import Settings
from fengsui.stateful import ClockTelling, PublishedMatches, StatefulDetection, Surroundings
from store import EventStore
from store.records import RecordsDatabase

_LEADING = 0
"""The partition of records whose worker keeps house for the installation."""


def run_detection_worker(settings: Settings) -> None:
    """Detect until told to end.

    Raises:
        FengsuiError: the settings name no brokers.
        TransportError: no broker answers.
        StoreLockedError: the event store is the embedded one, and another process writes it.
    """
    configure_logs(settings.monitoring, "detection-worker")
    configure_tracing(settings.monitoring, "detection-worker")
    prepare_data_dir(settings)
    figures = process_figures(settings, "detection-worker")
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    with closing(open_records(settings)) as records, closing(open_store(settings, "write")) as store:
        worker = DetectionWorker(settings, records, MeasuredEventStore(store, figures), figures)
        checks = {
            **check_stores(records, store),
            **check_surroundings(settings),
            **check_collecting(worker.collector),
        }
        with listening(settings, settings.monitoring.detection_port, figures, checks):
            worker.start()
            stop.wait()
            worker.stop()


class DetectionWorker:
    """A worker's parts, started in an order in which none misses another."""

    def __init__(
        self, settings: Settings, records: RecordsDatabase, store: EventStore, figures: CollectorRegistry
    ) -> None:
        """Put the parts together.

        Raises:
            FengsuiError: the settings name no brokers.
            TransportError: no broker answers.
        """
        kafka = settings.kafka
        if kafka is None:
            raise FengsuiError("no brokers to take records from; set servers in the section [kafka] of the settings")
        ensure_topics(kafka)
        sender = Sender(kafka)
        self._stateful = StatefulDetection(kafka, records)
        correlate = partial(PublishedMatches, sender=sender, receiving=self._stateful)
        detectors = load_detectors(settings, records, correlate)
        zones: dict[str, tzinfo | None] = {config.name: config.zone for config in settings.sources}
        flows = LiveFlows(settings, records)
        pipeline = build_pipeline(detectors, store, records, zones, flows)
        source = TransportSource(kafka, zones)
        measured = DeliveryFigures(figures)
        pipeline.surround(measured.around)
        pipeline.surround(traced_stages)
        delivery = Delivery(TracedDelivery(pipeline), settings.delivery)
        measured.watch_queue(delivery)
        figures.register(TransportFigures(lambda: [source.group, self._stateful.group]))
        self.collector = Collector([source], delivery, records)
        self._around = Surroundings(detectors.matcher.find, flows.accountable, pipeline.deliver)
        self._telling = ClockTelling(source.group, sender, kafka.matches_topic, self._stateful.partitions)
        sealing = TrailSealing(settings, records, checkpoint_signer(settings))
        house = Housekeeping(records, store, pipeline, detectors.watch, sealing)
        self._rounds = Rounds(
            [lambda: house.turn() if _LEADING in source.group.partitions else None, Following(pipeline, detectors).turn]
        )

    def start(self) -> None:
        """Begin."""
        self._stateful.start(self._around)
        self.collector.start()
        self._telling.start()
        self._rounds.start()

    def stop(self) -> None:
        """End in good order: what was taken is finished, the rest is for the other workers."""
        self._rounds.stop()
        self._telling.stop()
        self.collector.stop()
        self._stateful.stop()
