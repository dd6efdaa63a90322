"""Real Elasticsearch nodes on loopback ports."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import secrets
import shutil
import signal
import ssl
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache, partial
from itertools import zip_longest
from pathlib import Path
from typing import Any

import httpx

from tests.patience import PATIENCE_SECONDS
from tests.servers.certificates import write_certificates
from tests.servers.fetching import fetched
from tests.servers.java import java_home
from tests.servers.processes import free_ports, hand_over, server_folder, start, stop, wait_until


@dataclass(frozen=True)
class Release:
    """A version of the server, the archive that carries it, and the oldest Java that it runs on."""

    version: str
    archive: str
    least_java: int


RELEASE = Release("9.4.3", "26.9.0.129388", 21)
OLDER_RELEASE = Release("8.19.13", "26.6.0.123539", 17)
"""Of the major before, which the product refuses."""
_JAVA_OPTIONS = "-Xms512m -Xmx512m -XX:TieredStopAtLevel=1"
"""A node of a test lives for minutes: compiling as for years takes half of its start."""
_ROUNDS = 10_000
_ROLES = """\
reader:
  cluster: [monitor]
  indices: [{names: ["*"], privileges: [read, view_index_metadata]}]
"""
_KEY_FILES = {"certificate": "node.crt", "key": "node.key", "certificate_authorities": ["ca.crt"]}


@dataclass
class Node:
    """One node: its folder, its ports, its tier (``node.attr.data``), and its process where it runs."""

    name: str
    folder: Path
    port: int
    transport_port: int
    tier: str | None = None
    process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> Path:
        return self.folder / "out.log"


@dataclass
class ElasticsearchCluster:
    """Nodes n1, n2, … that form a cluster; with ``users`` they speak TLS and ask for a name and a password.

    Attributes:
        authority: the file of the certificate authority, where the nodes speak TLS.
        users: password by name, where the nodes ask: ``admin`` may do everything, ``reader`` only read.
    """

    home: Path
    java: Path
    folder: Path
    nodes: dict[str, Node]
    users: dict[str, str] = field(default_factory=dict)

    @property
    def urls(self) -> list[str]:
        return [f"{self._scheme}://127.0.0.1:{node.port}" for node in self.nodes.values()]

    @property
    def authority(self) -> Path:
        return self.folder / "n1" / "config" / "ca.crt"

    def start(self, *names: str) -> None:
        """Start nodes that don't run, and wait until each sees a master."""
        for name in names:
            self._launch(self.nodes[name])
        for node in map(self.nodes.__getitem__, names):
            assert node.process
            wait_until(partial(self._answers, node), node.process, node.log)

    def kill(self, name: str) -> None:
        """End a node at once, as a machine that loses its power (``kill -9``)."""
        self._signal(self.nodes[name], signal.SIGKILL)

    def pause(self, name: str) -> None:
        """Stop a node's clock: it holds its connections and answers nothing until ``resume``."""
        os.kill(self._server_id(self.nodes[name]), signal.SIGSTOP)

    def resume(self, name: str) -> None:
        """Let a paused node go on."""
        os.kill(self._server_id(self.nodes[name]), signal.SIGCONT)

    def restore(self) -> None:
        """Start every node that was killed."""
        self.start(*(node.name for node in self.nodes.values() if node.process is None))

    def stop(self) -> None:
        """End every node at once: one by one they would wait for each other, and nobody needs what they hold."""
        for node in self.nodes.values():
            if node.process and node.process.poll() is None and (node.folder / "pid").exists():
                self.kill(node.name)
            elif node.process:
                stop(node.process)

    @property
    def _scheme(self) -> str:
        return "https" if self.users else "http"

    def _launch(self, node: Node) -> None:
        config = node.folder / "config"
        environment = {
            "ES_JAVA_HOME": str(self.java),
            "ES_PATH_CONF": str(config),
            "ES_JAVA_OPTS": _JAVA_OPTIONS,
            "ES_TMPDIR": str(node.folder / "tmp"),
        }
        command = [self.home / "bin" / "elasticsearch", "-p", node.folder / "pid"]
        node.process = start(command, node.log, environment)

    def _answers(self, node: Node) -> bool:
        """Whether the node has joined, and every index is there."""
        url = f"{self._scheme}://127.0.0.1:{node.port}/_cluster/health"
        wanted = {"wait_for_status": "yellow", "timeout": "1s"}
        sign_in = ("admin", self.users["admin"]) if self.users else None
        trust = _trusting(self.authority if self.users else None)
        with suppress(httpx.TransportError):
            return httpx.get(url, auth=sign_in, verify=trust, params=wanted).status_code == httpx.codes.OK
        return False

    def _signal(self, node: Node, number: signal.Signals) -> None:
        assert node.process, f"{node.name} does not run"
        os.kill(self._server_id(node), number)
        node.process.wait(PATIENCE_SECONDS)  # the launcher ends when its server has
        (node.folder / "pid").unlink(missing_ok=True)
        node.process = None

    def _server_id(self, node: Node) -> int:
        return int((node.folder / "pid").read_text(encoding="ascii"))


@cache
def _trusting(authority: Path | None) -> ssl.SSLContext:
    """Made once: it takes longer than what is asked."""
    return ssl.create_default_context(cafile=str(authority) if authority else None)


@contextmanager
def running_cluster(
    count: int, *, secured: bool = False, tiers: Sequence[str | None] = (), release: Release = RELEASE
) -> Iterator[ElasticsearchCluster]:
    """So many nodes, until the end of the block; ``tiers`` are those of the first ones."""
    java = java_home(release.least_java, tool="jlink")
    name = f"elasticsearch-{release.version}"
    home = fetched(name, "pom-elasticsearch.xml", _arrange, release=release.archive)
    ports = free_ports(2 * count)
    with server_folder("elasticsearch") as folder:
        nodes = {
            name: Node(name, folder / name, http, transport, tier)
            for name, http, transport, (tier, _none) in zip(
                (f"n{number + 1}" for number in range(count)),
                ports[:count],
                ports[count:],
                zip_longest(tiers, range(count)),
                strict=True,
            )
        }
        users = {"admin": secrets.token_urlsafe(12), "reader": secrets.token_urlsafe(12)} if secured else {}
        cluster = ElasticsearchCluster(home, java, folder, nodes, users)
        _configure(cluster)
        try:
            cluster.start(*nodes)
            yield cluster
        finally:
            cluster.stop()


def _arrange(unpacked: Path) -> Path:
    """The server within the archive, with the script that starts it where it belongs."""
    [archive] = unpacked.glob("sonarqube-*")
    home = archive / "elasticsearch"
    shutil.copy(archive / "bin" / "elasticsearch", home / "bin" / "elasticsearch")
    # It carries a native launcher for another processor; without it the script runs the Java one.
    (home / "lib" / "tools" / "server-launcher" / "server-launcher").unlink(missing_ok=True)
    (home / "plugins").mkdir(exist_ok=True)
    for script in (home / "bin").iterdir():
        script.chmod(0o755)
    return home


def _configure(cluster: ElasticsearchCluster) -> None:
    for node in cluster.nodes.values():
        config = node.folder / "config"
        shutil.copytree(cluster.home / "config", config)
        (node.folder / "tmp").mkdir()
        (config / "elasticsearch.yml").write_text(json.dumps(_settings(cluster, node), indent=1), encoding="utf-8")
        if cluster.users:
            _write_users(config, cluster.users)
    if cluster.users:
        first, *others = (node.folder / "config" for node in cluster.nodes.values())
        write_certificates(first)
        for config in others:
            for file in ("ca.crt", "node.crt", "node.key"):
                shutil.copy(first / file, config)
    hand_over(cluster.folder)
    cluster.folder.chmod(0o755)


def _settings(cluster: ElasticsearchCluster, node: Node) -> dict[str, Any]:
    settings: dict[str, Any] = {
        "cluster.name": "fengsui-tests",
        "node.name": node.name,
        "node.processors": 2,
        "path.data": str(node.folder / "data"),
        "path.logs": str(node.folder / "logs"),
        "path.repo": [str(cluster.folder / "snapshots")],
        "network.host": "127.0.0.1",
        "http.port": node.port,
        "transport.port": node.transport_port,
        # A test machine's disk may well be full to nine tenths; tests of full disks switch this on.
        "cluster.routing.allocation.disk.threshold_enabled": False,
        "xpack.security.enabled": bool(cluster.users),
    }
    if node.tier:
        settings["node.attr.data"] = node.tier
    if len(cluster.nodes) == 1:
        settings["discovery.type"] = "single-node"
    else:
        settings["discovery.seed_hosts"] = [f"127.0.0.1:{each.transport_port}" for each in cluster.nodes.values()]
        settings["cluster.initial_master_nodes"] = list(cluster.nodes)
    if cluster.users:
        for layer in ("http", "transport"):
            settings[f"xpack.security.{layer}.ssl"] = {"enabled": True, **_KEY_FILES}
        settings["xpack.security.authc.realms.file.people"] = {"order": 0}
    return settings


def _write_users(config: Path, users: dict[str, str]) -> None:
    """The files of Elasticsearch's file realm: who there is, and what each may do."""
    lines = [f"{name}:{_hashed(password)}\n" for name, password in users.items()]
    (config / "users").write_text("".join(lines), encoding="ascii")
    (config / "roles.yml").write_text(_ROLES, encoding="ascii")
    (config / "users_roles").write_text("superuser:admin\nreader:reader\n", encoding="ascii")


def _hashed(password: str) -> str:
    """A password as the file realm reads it: PBKDF2 with HMAC-SHA512."""
    salt = secrets.token_bytes(32)
    derived = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, _ROUNDS, 32)
    return f"{{PBKDF2}}{_ROUNDS}${base64.b64encode(salt).decode()}${base64.b64encode(derived).decode()}"
