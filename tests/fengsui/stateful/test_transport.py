"""Records through a real Kafka: workers die, come and go, the broker dies; nothing is lost, doubled or told twice."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from confluent_kafka import Producer
from sqlalchemy import select

from collectors.delivery import DeadLetterFilter, repository
from detection.alerts.models import Alert
from events import now_ms
from fengsui.event_store import open_store
from fengsui.settings import Settings
from store import ElasticsearchSettings, StoreError
from store.records import RecordsDatabase
from store.records.migrate import upgrade
from tests.fengsui.running import free_port
from tests.fengsui.stateful.rules import RULES
from tests.servers.kafka import KafkaBroker
from tests.servers.postgresql import PostgreSQLServer

pytestmark = [pytest.mark.services, pytest.mark.timeout(600)]

FILES, LINES, USERS = 6, 1_500, 5
PREFIX = f"transport-{now_ms()}"
SENT = FILES * LINES + 1
START = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=3)


def line(number: int, at: datetime, user: str) -> str:
    address = f"10.0.{number % 3}.{number % 7}"
    return (
        f"{at:%b %d %H:%M:%S} db-{number % 2} sshd[{number}]: "
        f"Accepted publickey for {user} from {address} port {number} ssh2: ED25519 k\n"
    )


@dataclass
class Site:
    """A folder with settings, and the processes that run on them."""

    folder: Path
    environment: dict[str, str]
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self, command: str, **environment: str) -> subprocess.Popen[bytes]:
        with (self.folder / f"{command}-{len(self.running)}.log").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "fengsui", *command.split()],
                cwd=self.folder,
                env={**os.environ, **self.environment, **environment},
                stdout=log,
                stderr=log,
            )
        self.running.append(process)
        return process

    def end(self) -> None:
        for process in self.running:
            if process.poll() is None:
                process.terminate()
        for process in self.running:
            try:
                process.wait(60)
            except subprocess.TimeoutExpired:
                process.kill()

    def write_lines(self) -> None:
        for file in range(FILES):
            at = [START + timedelta(seconds=60 * number / LINES) for number in range(LINES)]
            lines = (line(file + 10 * n, moment, f"u{n % USERS}") for n, moment in enumerate(at))
            draft = self.folder / f"{file}.draft"
            draft.write_text("".join(lines), encoding="utf-8")
            draft.rename(self.folder / "in" / f"{file}.log")

    def write_last_line(self) -> None:
        """Ten minutes later somebody else signs in: what correlations wait for is over."""
        late = line(0, START + timedelta(minutes=10), "last")
        (self.folder / "in" / "last.log").write_text(late, encoding="utf-8")

    def records(self) -> RecordsDatabase:
        url = self.environment.get("FENGSUI_RECORDS_URL", f"sqlite:///{self.folder}/var/records.sqlite3")
        return RecordsDatabase(url)

    def delivered(self) -> int:
        with suppress(Exception), closing(self.records()) as records, records.read() as session:
            return sum(row.events for row in repository.source_statuses(session) if row.source == "auth")
        return 0

    def alerts(self) -> set[tuple[str, str, int]]:
        with closing(self.records()) as records, records.read() as session:
            rows = session.execute(select(Alert.rule_id, Alert.entity, Alert.count))
            return {(rule, json.dumps(entity, sort_keys=True), count) for rule, entity, count in rows}

    def said(self) -> str:
        return "\n".join(log.read_text(encoding="utf-8")[-1_500:] for log in sorted(self.folder.glob("*.log")))


def until(found: Callable[[], object], site: Site, seconds: float = 150) -> None:
    deadline = time.monotonic() + seconds
    while not found():
        assert time.monotonic() < deadline, site.said()
        time.sleep(0.2)


def lay_out(folder: Path) -> Path:
    (folder / "rules").mkdir(parents=True)
    (folder / "in").mkdir()
    (folder / "rules" / "rules.yml").write_text(RULES, encoding="utf-8")
    (folder / "fengsui.toml").write_text(
        '[[sources]]\ntype = "file"\nname = "auth"\npaths = ["in/*.log"]\nfollow = true\ntimezone = "UTC"\n'
        'poll_seconds = 0.2\nbatch_records = 200\n[detection]\nrules = ["rules"]\n'
        "[delivery]\ngroup_records = 500\nlinger_seconds = 0.1\n",
        encoding="utf-8",
    )
    return folder


@pytest.fixture(scope="module")
def calm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[set[tuple[str, str, int]]]:
    """The alerts of a run on one machine to which nothing happens."""
    site = Site(lay_out(tmp_path_factory.mktemp("calm") / "site"), {})
    site.write_lines()
    site.start("collect")
    try:
        until(lambda: site.delivered() == SENT - 1, site)
        site.write_last_line()
        until(lambda: site.delivered() == SENT and _is_told(site), site)
        yield site.alerts()
    finally:
        site.end()


def _is_told(site: Site) -> bool:
    return (
        {"sign-in", "threshold", "new-pair", "burst", "addresses"}
        >= {rule for rule, _, _ in site.alerts()}
        >= {
            "burst",
            "addresses",
        }
    )


@pytest.fixture
def site(tmp_path: Path, kafka_broker: KafkaBroker, postgresql_server: PostgreSQLServer) -> Iterator[Site]:
    with postgresql_server.fresh_database() as url:
        with closing(RecordsDatabase(url)) as records:
            upgrade(records)
        environment = {
            "FENGSUI_RECORDS_URL": url,
            "FENGSUI_KAFKA__SERVERS": json.dumps([kafka_broker.bootstrap]),
            "FENGSUI_KAFKA__PREFIX": f"t{now_ms()}",
            "FENGSUI_KAFKA__PARTITIONS": "4",
        }
        made = Site(lay_out(tmp_path / "site"), environment)
        try:
            yield made
        finally:
            made.end()


def test_a_killed_worker_and_a_killed_broker_lose_and_double_nothing(
    site: Site, kafka_broker: KafkaBroker, calm: set[tuple[str, str, int]]
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
    until(lambda: _stored(site) == SENT - 1, site)
    site.write_last_line()
    until(lambda: _stored(site) == SENT, site)
    until(lambda: site.alerts() == calm, site, 60)
    until(lambda: _lag(port) == 0, site, 30)
    with closing(site.records()) as records, records.read() as session:
        letters = repository.find_dead_letters(session, DeadLetterFilter(source="kafka"))
    assert {letter.identity.rpartition(".")[2].partition("/")[0] for letter in letters} == {"records", "matches"}
    assert len(letters) == 2


def test_a_worker_that_joins_and_one_that_leaves_lose_and_double_nothing(
    site: Site, elasticsearch: str, calm: set[tuple[str, str, int]]
) -> None:
    site.environment |= {"FENGSUI_STORE__HOSTS": json.dumps([elasticsearch]), "FENGSUI_STORE__INDEX_PREFIX": PREFIX}
    assert site.start("store init").wait(60) == 0, site.said()
    site.start("collect")
    first = site.start("detection-worker")
    site.write_lines()
    until(lambda: site.delivered() > 0, site)
    site.start("detection-worker")
    until(lambda: "partitions" in site.said() or site.delivered() > SENT // 3, site)
    first.terminate()
    first.wait(60)
    assert first.returncode == 0
    until(lambda: _stored(site) == SENT - 1, site)
    site.write_last_line()
    until(lambda: _stored(site) == SENT, site)
    until(lambda: site.alerts() == calm, site, 60)


def _poison(site: Site, broker: KafkaBroker) -> None:
    producer = Producer({"bootstrap.servers": broker.bootstrap})
    for topic in ("records", "matches"):
        producer.produce(f"{site.environment['FENGSUI_KAFKA__PREFIX']}.{topic}", b"\x00 none of ours", partition=1)
    assert producer.flush(30) == 0


def _lag(port: int) -> float | None:
    with suppress(httpx.TransportError):
        text = httpx.get(f"http://127.0.0.1:{port}/metrics").text
        found = re.findall(r'fengsui_transport_lag_messages\{.*topic="[^"]*records".*\} (\S+)', text)
        return sum(map(float, found)) if len(found) == 4 else None
    return None


def _stored(site: Site) -> int:
    hosts = site.environment.get("FENGSUI_STORE__HOSTS")
    store = ElasticsearchSettings(hosts=json.loads(hosts), index_prefix=PREFIX) if hosts else None
    try:
        with closing(open_store(Settings(data_dir=site.folder / "var", store=store))) as opened:
            return sum(day.events for day in opened.days())
    except StoreError:
        return 0  # it is not there yet
