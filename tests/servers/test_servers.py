"""The servers are the real ones, hold what they took when they are killed, and serve whoever may ask."""

from __future__ import annotations

import ssl

import httpx
import psycopg
import pytest
from confluent_kafka import Consumer, Producer
from confluent_kafka.admin import AdminClient, NewTopic

from tests.patience import PATIENCE_SECONDS, until
from tests.servers.client import SERVER_PATIENCE
from tests.servers.elasticsearch import RELEASE, ElasticsearchCluster
from tests.servers.kafka import KafkaBroker

pytestmark = pytest.mark.services


def test_elasticsearch_is_of_the_version_named(elasticsearch: str) -> None:
    told = httpx.get(elasticsearch, timeout=PATIENCE_SECONDS).json()
    assert told["version"]["number"] == RELEASE.version


def test_a_cluster_keeps_what_it_took_when_a_node_is_killed(elasticsearch_cluster: ElasticsearchCluster) -> None:
    first, second, _ = elasticsearch_cluster.urls
    index = {"settings": {"number_of_shards": 1, "number_of_replicas": 2}}
    with httpx.Client(timeout=PATIENCE_SECONDS) as client:
        waiting = {"wait_for_active_shards": "all", "timeout": SERVER_PATIENCE}
        assert client.put(f"{first}/kept", json=index, params=waiting).is_success
        assert client.put(f"{first}/kept/_doc/1", json={"a": 1}).is_success
        elasticsearch_cluster.kill("n1")
        with pytest.raises(httpx.TransportError):
            client.get(first)
        found = until(lambda: (answer := client.get(f"{second}/kept/_doc/1")).is_success and answer)  # a master first
        assert found.json()["_source"] == {"a": 1}
        elasticsearch_cluster.restore()
        assert client.get(f"{first}/_cat/nodes?h=name").text.split().count("n1") == 1


def test_a_secured_node_asks_who_it_is(secured_elasticsearch: ElasticsearchCluster) -> None:
    [url] = secured_elasticsearch.urls
    trust = ssl.create_default_context(cafile=str(secured_elasticsearch.authority))
    with httpx.Client(base_url=url, verify=trust, timeout=PATIENCE_SECONDS) as client:
        assert client.get("/").status_code == httpx.codes.UNAUTHORIZED
        admin, reader = ((name, secured_elasticsearch.users[name]) for name in ("admin", "reader"))
        refused = client.put("/mine", auth=reader)
        assert refused.status_code == httpx.codes.FORBIDDEN, refused.text
        key = client.post("/_security/api_key", auth=admin, json={"name": "k"}).json()["encoded"]
        assert client.get("/", headers={"authorization": f"ApiKey {key}"}).status_code == httpx.codes.OK


def test_a_broker_keeps_what_it_took_when_it_is_killed(kafka_broker: KafkaBroker) -> None:
    where = {"bootstrap.servers": kafka_broker.bootstrap}
    admin = AdminClient(where)
    admin.create_topics([NewTopic("kept", 1, 1)])["kept"].result(PATIENCE_SECONDS)
    producer = Producer({**where, "acks": "all"})
    producer.produce("kept", b"a")
    assert producer.flush(PATIENCE_SECONDS) == 0
    kafka_broker.kill()
    kafka_broker.start()
    consumer = Consumer({**where, "group.id": "g", "auto.offset.reset": "earliest"})
    consumer.subscribe(["kept"])
    message = consumer.poll(PATIENCE_SECONDS)
    consumer.close()
    assert message is not None
    assert message.value() == b"a"


def test_each_postgresql_database_is_empty(postgresql: str) -> None:
    with psycopg.connect(postgresql.replace("+psycopg", "")) as connection:
        assert connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone() == (0,)
