"""Records through a real Kafka: workers die, come and go, the broker dies; nothing is lost, doubled or told twice."""

from __future__ import annotations

import re
import time
from contextlib import closing, suppress

import httpx
import pytest
from confluent_kafka import Producer

from collectors.delivery import DeadLetterFilter, repository
from tests.fengsui.running import free_port
from tests.fengsui.stateful.site import SENT, Alerts, Site, until
from tests.patience import PATIENCE_SECONDS
from tests.servers.kafka import KafkaBroker

pytestmark = pytest.mark.services


def test_a_killed_worker_and_a_killed_broker_lose_and_double_nothing(
    site: Site, kafka_broker: KafkaBroker, calm: Alerts
) -> None:
    port = free_port()
    site.start("collect")
    worker = site.start("detection-worker")
    site.write_lines()
    until(lambda: site.delivered() > 0, site)
    worker.kill()
    worker.wait()
    assert site.delivered() < SENT - 1
    site.start("detection-worker", FENGSUI_MONITORING__DETECTION_PORT=str(port))
    _poison(site, kafka_broker)
    before = site.delivered()
    until(lambda: site.delivered() > before, site)
    kafka_broker.kill()
    time.sleep(2)
    kafka_broker.start()
    until(lambda: site.stored() == SENT - 1, site)
    site.write_last_line()
    until(lambda: site.stored() == SENT, site)
    until(lambda: site.alerts() == calm, site)
    until(lambda: _lag(port) == 0, site)
    with closing(site.records()) as records, records.read() as session:
        letters = repository.find_dead_letters(session, DeadLetterFilter(source="kafka"))
    assert {letter.identity.rpartition(".")[2].partition("/")[0] for letter in letters} == {"records", "matches"}
    assert len(letters) == 2


def test_a_worker_that_joins_and_one_that_leaves_lose_and_double_nothing(
    site: Site, elasticsearch: str, calm: Alerts
) -> None:
    site.use_cluster(elasticsearch)
    site.start("collect")
    first = site.start("detection-worker")
    site.write_lines()
    until(lambda: site.delivered() > 0, site)
    site.start("detection-worker")
    until(lambda: "partitions" in site.said() or site.delivered() > SENT // 3, site)
    first.terminate()
    first.wait(PATIENCE_SECONDS)
    assert first.returncode == 0
    until(lambda: site.stored() == SENT - 1, site)
    site.write_last_line()
    until(lambda: site.stored() == SENT, site)
    until(lambda: site.alerts() == calm, site)


def _poison(site: Site, broker: KafkaBroker) -> None:
    producer = Producer({"bootstrap.servers": broker.bootstrap})
    for topic in ("records", "matches"):
        producer.produce(f"{site.environment['FENGSUI_KAFKA__PREFIX']}.{topic}", b"\x00 none of ours", partition=1)
    assert producer.flush(PATIENCE_SECONDS) == 0


def _lag(port: int) -> float | None:
    with suppress(httpx.TransportError):
        text = httpx.get(f"http://127.0.0.1:{port}/metrics").text
        found = re.findall(r'fengsui_transport_lag_messages\{.*topic="[^"]*records".*\} (\S+)', text)
        return sum(map(float, found)) if len(found) == 4 else None
    return None
