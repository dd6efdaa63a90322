"""Brokers behind TLS and a password: who may, sends and takes; whoever is not what the other expects is told so."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from types import ModuleType

import pytest

from collectors.transport import (
    GroupConsumer,
    KafkaSettings,
    Outgoing,
    Received,
    Sender,
    TransportError,
    ensure_topics,
    look_at_brokers,
)
from tests.patience import PATIENCE_SECONDS
from tests.servers.kafka import PASSWORD, USER, KafkaBroker


@pytest.fixture
def kafka(secured_kafka: KafkaBroker, tmp_path: Path) -> KafkaSettings:
    (tmp_path / "kafka.password").write_text(f"{PASSWORD}\n", encoding="ascii")
    return KafkaSettings(
        servers=(secured_kafka.bootstrap,),
        prefix="secured",
        partitions=2,
        encryption="tls",
        authorities=secured_kafka.authority,
        user=USER,
        password_file=tmp_path / "kafka.password",
    )


def test_records_go_over_tls_to_a_user_with_a_password(kafka: KafkaSettings) -> None:
    ensure_topics(kafka)
    assert look_at_brokers(kafka).partitions == {"secured.records": 2, "secured.matches": 2}
    sent = {f"message {number}".encode() for number in range(50)}
    Sender(kafka).send(kafka.records_topic, [Outgoing(value) for value in sent])
    group, stop, taken = GroupConsumer(kafka, kafka.records_topic, "detection"), threading.Event(), list[Received]()
    deadline = time.monotonic() + PATIENCE_SECONDS
    while len(taken) < len(sent):
        assert time.monotonic() < deadline
        taken += group.take(100, 1, stop)
    group.close()
    assert {received.value for received in taken} == sent


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [("authority", "certificate verify failed"), ("password", "[Aa]uthentication failed"), ("plain", "no broker of")],
)
def test_strangers_on_either_side_are_refused_with_the_reason(
    kafka: KafkaSettings, certificates: ModuleType, tmp_path: Path, wrong: str, reason: str
) -> None:
    certificates.main([str(tmp_path / "others"), "kafka"])
    (tmp_path / "wrong.password").write_text("guessed", encoding="ascii")
    differing: dict[str, dict[str, object]] = {
        "authority": {"authorities": tmp_path / "others" / "ca" / "ca.crt"},
        "password": {"password_file": tmp_path / "wrong.password"},
        "plain": {"encryption": "none"},
    }
    with pytest.raises(TransportError, match=reason):
        look_at_brokers(kafka.model_copy(update=differing[wrong]), seconds=5)
