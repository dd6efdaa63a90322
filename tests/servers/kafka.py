"""A real Kafka broker (which is its own controller) on loopback ports."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.servers.fetching import fetched
from tests.servers.java import java_home
from tests.servers.processes import free_ports, hand_over, server_folder, start, stop, wait_until

VERSION = "4.4.0"
_LEAST_JAVA = 17
_HEAP = "512m"
_LOGGING = """\
appender.output.type = Console
appender.output.name = output
appender.output.layout.type = PatternLayout
appender.output.layout.pattern = %d %p %m%n
rootLogger.level = INFO
rootLogger.appenderRef.output.ref = output
"""
_SETTINGS = """\
process.roles = broker,controller
node.id = 1
controller.quorum.bootstrap.servers = 127.0.0.1:{controller}
controller.listener.names = CONTROLLER
listeners = PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners = PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
listener.security.protocol.map = PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
inter.broker.listener.name = PLAINTEXT
log.dirs = {data}
offsets.topic.replication.factor = 1
offsets.topic.num.partitions = 5
transaction.state.log.replication.factor = 1
transaction.state.log.min.isr = 1
share.coordinator.state.topic.replication.factor = 1
share.coordinator.state.topic.min.isr = 1
group.initial.rebalance.delay.ms = 0
auto.create.topics.enable = false
broker.session.timeout.ms = 3000
broker.heartbeat.interval.ms = 500
"""


@dataclass
class KafkaBroker:
    """The broker; what it holds outlives ``kill``."""

    libraries: Path
    folder: Path
    bootstrap: str
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and wait until it serves."""
        log = self.folder / "out.log"
        begin = log.stat().st_size if log.exists() else 0
        self.process = start([*self._java(_HEAP), "kafka.Kafka", self.folder / "server.properties"], log)
        wait_until(lambda: b"Kafka Server started" in log.read_bytes()[begin:], self.process, log)

    def kill(self) -> None:
        """End it at once, as a machine that loses its power (``kill -9``)."""
        assert self.process, "the broker does not run"
        self.process.kill()
        self.process.wait()
        self.process = None

    def restore(self) -> None:
        """Start it where it was killed."""
        if self.process is None:
            self.start()

    def stop(self) -> None:
        """End it."""
        if self.process:
            stop(self.process)

    def format(self) -> None:
        """Prepare its folder, once."""
        log = self.folder / "format.log"
        options = [
            "--cluster-id",
            "ZmVuZ3N1aS10ZXN0cy0wMA",
            "--config",
            self.folder / "server.properties",
            "--standalone",
        ]
        done = start([*self._java("128m"), "kafka.tools.StorageTool", "format", *options], log).wait(60)
        assert done == 0, log.read_text(encoding="utf-8")

    def _java(self, heap: str) -> list[str | Path]:
        java = java_home(_LEAST_JAVA) / "bin" / "java"
        logging = f"-Dlog4j2.configurationFile={self.folder / 'log4j2.properties'}"
        return [java, f"-Xms{heap}", f"-Xmx{heap}", logging, "-cp", f"{self.libraries}/*"]


@contextmanager
def running_broker() -> Iterator[KafkaBroker]:
    """A broker, until the end of the block."""
    java_home(_LEAST_JAVA)
    libraries = fetched(f"kafka-{VERSION}", "pom-kafka.xml", lambda unpacked: unpacked)
    port, controller = free_ports(2)
    with server_folder("kafka") as folder:
        settings = _SETTINGS.format(port=port, controller=controller, data=folder / "data")
        (folder / "server.properties").write_text(settings, encoding="utf-8")
        (folder / "log4j2.properties").write_text(_LOGGING, encoding="utf-8")
        hand_over(folder)
        broker = KafkaBroker(libraries, folder, f"127.0.0.1:{port}")
        broker.format()
        try:
            broker.start()
            yield broker
        finally:
            broker.stop()
