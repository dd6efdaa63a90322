"""``collect``: sources, and behind them detection and delivery, or Kafka, which carries records to where those are."""

from __future__ import annotations

import signal
import threading
from collections.abc import Sequence
from contextlib import closing
from functools import partial

from prometheus_client import CollectorRegistry

from api.readiness import check_records, check_stores
from collectors.collect import Collector
from collectors.decoders import DecodeOptions, decode_path
from collectors.delivery import Delivery
from collectors.delivery.checkpoints import RecordedCheckpoints
from collectors.normalizers.chain import normalize
from collectors.sources.catalog import SourceSurroundings, build_sources
from collectors.sources.config import AnySourceConfig, FileSourceConfig
from collectors.sources.file.container_reading import Decode
from collectors.sources.pcap import read_capture, tshark_version
from collectors.transport import Forwarding, KafkaSettings, ensure_topics
from fengsui.demo import demo_sources
from fengsui.detecting import build_pipeline, load_detectors
from fengsui.event_store import open_store
from fengsui.flows import LiveFlows
from fengsui.monitoring.delivery_figures import DeliveryFigures
from fengsui.monitoring.delivery_spans import TracedDelivery, traced_stages
from fengsui.monitoring.logs import configure_logs
from fengsui.monitoring.measured_store import MeasuredEventStore
from fengsui.monitoring.process import listening, process_figures
from fengsui.monitoring.readiness import check_collecting, check_surroundings
from fengsui.monitoring.tracing import configure_tracing
from fengsui.processes.foundation import checkpoint_signer, open_records, prepare_data_dir
from fengsui.processes.housekeeping import Following, Housekeeping, Rounds
from fengsui.processes.sealing import TrailSealing
from fengsui.settings import Settings
from store.records import RecordsDatabase


def run_collect(settings: Settings, *, demo: bool) -> None:
    """Collect until told to end.

    Raises:
        StoreLockedError: another process writes the event store.
        SourceError: a source can't be opened, or no broker answers.
    """
    configure_logs(settings.monitoring, "collect")
    configure_tracing(settings.monitoring, "collect")
    prepare_data_dir(settings)
    figures = process_figures(settings, "collect")
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    configs = (*settings.sources, *(demo_sources() if demo else ()))
    if settings.kafka is not None:
        _forward(settings, settings.kafka, configs, figures, stop)
    else:
        _detect(settings, configs, figures, stop)


def _forward(
    settings: Settings,
    kafka: KafkaSettings,
    configs: Sequence[AnySourceConfig],
    figures: CollectorRegistry,
    stop: threading.Event,
) -> None:
    """Send what comes to the brokers."""
    ensure_topics(kafka)
    zones = {config.name: config.zone for config in configs}
    in_order = {config.name for config in configs if isinstance(config, FileSourceConfig)}
    with closing(open_records(settings)) as records:
        forwarding = Forwarding(kafka, records, zones, in_order)
        delivery = Delivery(TracedDelivery(forwarding), settings.delivery)
        DeliveryFigures(figures).watch_queue(delivery)
        collector = Collector(build_sources(configs, _surroundings(settings, records)), delivery, records)
        checks = {**check_records(records), **check_surroundings(settings), **check_collecting(collector)}
        with listening(settings, settings.monitoring.collect_port, figures, checks):
            collector.start()
            stop.wait()
            collector.stop()


def _detect(
    settings: Settings, configs: Sequence[AnySourceConfig], figures: CollectorRegistry, stop: threading.Event
) -> None:
    """Store and match what comes; the one process that writes an embedded event store."""
    with closing(open_records(settings)) as records, closing(open_store(settings, "write")) as opened:
        store = MeasuredEventStore(opened, figures)
        detectors = load_detectors(settings, records)
        zones = {config.name: config.zone for config in configs}
        pipeline = build_pipeline(detectors, store, records, zones, LiveFlows(settings, records))
        measured = DeliveryFigures(figures)
        pipeline.surround(measured.around)
        pipeline.surround(traced_stages)
        delivery = Delivery(TracedDelivery(pipeline), settings.delivery)
        measured.watch_queue(delivery)
        surroundings = _surroundings(settings, records)
        collector = Collector(build_sources(configs, surroundings), delivery, records)
        sealing = TrailSealing(settings, records, checkpoint_signer(settings))
        housekeeping = Housekeeping(records, store, pipeline, detectors.watch, sealing)
        rounds = Rounds([housekeeping.turn, Following(pipeline, detectors).turn])
        checks = {**check_stores(records, opened), **check_surroundings(settings), **check_collecting(collector)}
        with listening(settings, settings.monitoring.collect_port, figures, checks):
            collector.start()
            rounds.start()
            stop.wait()
            rounds.stop()
            collector.stop()


def _surroundings(settings: Settings, records: RecordsDatabase) -> SourceSurroundings:
    return SourceSurroundings(
        spool_folder=settings.spool_dir,
        checkpoints=RecordedCheckpoints(records),
        decode=_decoder,
        normalize=normalize,
    )


def _decoder(config: FileSourceConfig) -> Decode:
    """How the files of a source are opened."""
    packets = read_capture if tshark_version() else None
    return partial(decode_path, options=DecodeOptions(encoding=config.encoding, packet_decoder=packets))
