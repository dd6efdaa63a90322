"""A real Kafka broker (which is its own controller) on loopback ports."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
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
listeners = CLIENTS://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller},INTERNAL://127.0.0.1:{internal}
advertised.listeners = CLIENTS://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller},INTERNAL://127.0.0.1:{internal}
listener.security.protocol.map = CLIENTS:{protocol},CONTROLLER:PLAINTEXT,INTERNAL:PLAINTEXT
inter.broker.listener.name = INTERNAL
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
_SECURED = """\
listener.name.clients.sasl.enabled.mechanisms = SCRAM-SHA-512
listener.name.clients.scram-sha-512.sasl.jaas.config = org.apache.kafka.common.security.scram.ScramLoginModule required;
ssl.keystore.type = PEM
ssl.keystore.location = {keys}/kafka.pem
ssl.truststore.type = PEM
ssl.truststore.location = {keys}/ca.crt
"""
USER, PASSWORD = "fengsui", "of the brokers"


@dataclass
class KafkaBroker:
    """The broker; what it holds outlives ``kill``. With an ``authority`` it speaks TLS and asks for a user."""

    libraries: Path
    folder: Path
    bootstrap: str
    authority: Path | None = None
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
        if self.authority:
            options += ["--add-scram", f"SCRAM-SHA-512=[name={USER},password={PASSWORD}]"]
        done = start([*self._java("128m"), "kafka.tools.StorageTool", "format", *options], log).wait(60)
        assert done == 0, log.read_text(encoding="utf-8")

    def _java(self, heap: str) -> list[str | Path]:
        java = java_home(_LEAST_JAVA) / "bin" / "java"
        logging = f"-Dlog4j2.configurationFile={self.folder / 'log4j2.properties'}"
        quick = "-XX:TieredStopAtLevel=1"  # it lives for minutes: compiling as for years costs more than it gains
        return [java, f"-Xms{heap}", f"-Xmx{heap}", quick, logging, "-cp", f"{self.libraries}/*"]


@contextmanager
def running_broker(make_certificates: Callable[[list[str]], int] | None = None) -> Iterator[KafkaBroker]:
    """A broker, until the end of the block; secured where it is told what makes its certificates."""
    java_home(_LEAST_JAVA)
    libraries = fetched(f"kafka-{VERSION}", "pom-kafka.xml", lambda unpacked: unpacked)
    port, controller, internal = free_ports(3)
    with server_folder("kafka") as folder:
        protocol, security, authority = "PLAINTEXT", "", None
        if make_certificates:
            assert make_certificates([str(folder / "certificates"), "kafka"]) == 0
            keys = folder / "certificates" / "kafka"
            protocol, security, authority = "SASL_SSL", _SECURED.format(keys=keys), keys / "ca.crt"
        ports = {"port": port, "controller": controller, "internal": internal}
        settings = _SETTINGS.format(**ports, data=folder / "data", protocol=protocol) + security
        (folder / "server.properties").write_text(settings, encoding="utf-8")
        (folder / "log4j2.properties").write_text(_LOGGING, encoding="utf-8")
        hand_over(folder)
        broker = KafkaBroker(libraries, folder, f"127.0.0.1:{port}", authority)
        broker.format()
        try:
            broker.start()
            yield broker
        finally:
            broker.stop()
