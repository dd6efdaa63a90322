"""Fixtures that start real servers: each when a test first asks for it, once a run, and ended with it.

A test that asks for one carries the mark ``services``: ``make test`` leaves it out, ``make test-services`` runs it.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from tests.servers.elasticsearch import ElasticsearchCluster, running_cluster
from tests.servers.kafka import KafkaBroker, running_broker
from tests.servers.mariadb import MariaDBServer
from tests.servers.mariadb import running_server as running_mariadb
from tests.servers.postgresql import PostgreSQLServer, running_server

_TIMEOUT_SECONDS = 900
"""Of a test on real servers: the first one that asks for a server waits for its start."""
_SERVERS = frozenset(
    {
        "elasticsearch",
        "elasticsearch_cluster",
        "secured_elasticsearch",
        "kafka_broker",
        "mariadb_server",
        "postgresql",
        "postgresql_server",
        "secured_kafka",
    }
)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what asks for a server, before marks choose what runs."""
    for item in items:
        asked = _SERVERS.intersection(getattr(item, "fixturenames", ()))
        if asked:
            item.add_marker(pytest.mark.services)
        if item.get_closest_marker("services") and not item.get_closest_marker("timeout"):
            item.add_marker(pytest.mark.timeout(_TIMEOUT_SECONDS))
        if any("elasticsearch" in name for name in asked):
            item.add_marker(pytest.mark.elasticsearch)


@pytest.fixture(scope="session")
def elasticsearch() -> Iterator[str]:
    """The address of a cluster of one node, shared by all tests: each keeps to names of its own."""
    with running_cluster(1) as cluster:
        yield cluster.urls[0]


@pytest.fixture(scope="session")
def three_nodes() -> Iterator[ElasticsearchCluster]:
    with running_cluster(3) as cluster:
        yield cluster


@pytest.fixture
def elasticsearch_cluster(three_nodes: ElasticsearchCluster) -> Iterator[ElasticsearchCluster]:
    """Three nodes, n1 to n3; one that a test killed runs again after it."""
    yield three_nodes
    three_nodes.restore()


@pytest.fixture(scope="session")
def secured_elasticsearch() -> Iterator[ElasticsearchCluster]:
    """One node that speaks TLS and knows two users (``users``); API keys can be made."""
    with running_cluster(1, secured=True) as cluster:
        yield cluster


@pytest.fixture(scope="session")
def broker() -> Iterator[KafkaBroker]:
    with running_broker() as running:
        yield running


@pytest.fixture
def kafka_broker(broker: KafkaBroker) -> Iterator[KafkaBroker]:
    """A broker, shared by all tests: each keeps to topics of its own; one that was killed runs again after the test."""
    yield broker
    broker.restore()


@pytest.fixture(scope="session")
def certificates(project: Path) -> ModuleType:
    """The program by which an installation makes its certificates."""
    spec = importlib.util.spec_from_file_location("certificates", project / "deploy" / "certificates.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def secured_kafka(certificates: ModuleType) -> Iterator[KafkaBroker]:
    """A broker that speaks TLS and asks for the user ``fengsui``, as the containers' one does."""
    with running_broker(certificates.main) as running:
        yield running


@pytest.fixture(scope="session")
def mariadb_server() -> Iterator[MariaDBServer]:
    """The server, for the tests of one module."""
    with running_mariadb() as server:
        yield server


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[PostgreSQLServer]:
    """The server, for tests that need users or databases of their own in it."""
    with running_server() as server:
        yield server


@pytest.fixture
def postgresql(postgresql_server: PostgreSQLServer) -> Iterator[str]:
    """SQLAlchemy's address of an empty database."""
    with postgresql_server.fresh_database() as url:
        yield url
