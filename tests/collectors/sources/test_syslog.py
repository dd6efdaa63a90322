"""Syslog over real sockets: UDP, TCP and TLS, IPv4 and IPv6."""

from __future__ import annotations

import shutil
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from collectors.record import DeadLetter, Reason, Record
from collectors.sources import Checkpoints, SourceError
from collectors.sources.config import SyslogSourceConfig, TlsConfig
from collectors.sources.spool import Spool
from collectors.sources.spool.spool import SpoolSettings
from collectors.sources.syslog import SyslogSource
from collectors.sources.syslog.listener import tls_context
from tests.patience import PATIENCE_SECONDS

Open = Callable[..., SyslogSource]


@pytest.fixture
def listen(tmp_path: Path, checkpoints: Checkpoints) -> Iterator[Open]:
    made: list[SyslogSource] = []

    def make(spool: SpoolSettings | None = None, **settings: object) -> SyslogSource:
        config = SyslogSourceConfig.model_validate({"name": "net", "spool": spool or SpoolSettings(), **settings})
        source = SyslogSource(config, Spool(tmp_path / "spool", spool), checkpoints)
        made.append(source)
        source.open()
        return source

    yield make
    for source in made:
        source.close()


def received(source: SyslogSource, count: int) -> list[Record | DeadLetter]:
    stop = threading.Event()
    found: list[Record | DeadLetter] = []
    timer = threading.Timer(PATIENCE_SECONDS, stop.set)
    timer.start()
    for batch in source.batches(stop):
        found += [*batch.records, *batch.dead_letters]
        if len(found) >= count:
            break
    timer.cancel()
    return found


def connect(source: SyslogSource, kind: str = "tcp") -> socket.socket:
    return socket.create_connection(source.addresses[kind][0], timeout=PATIENCE_SECONDS)


def test_both_framings_on_one_connection(listen: Open) -> None:
    source = listen(tcp=("127.0.0.1:0",))
    with connect(source) as client:
        name = f"127.0.0.1:{client.getsockname()[1]}"
        client.sendall(b"<13>1 - - - - - - one\n13 <13>counted\nx<14>two\n")
    found = received(source, 3)
    assert [item.raw for item in found] == [b"<13>1 - - - - - - one", b"<13>counted\nx", b"<14>two"]
    assert {item.peer for item in found if isinstance(item, Record)} == {name}


def test_datagrams_on_both_families(listen: Open) -> None:
    source = listen(udp=("127.0.0.1:0", "[::1]:0"))
    for family, address in zip((socket.AF_INET, socket.AF_INET6), source.addresses["udp"], strict=True):
        with socket.socket(family, socket.SOCK_DGRAM) as client:
            client.sendto(b"<13>hello\n", address)
    found = received(source, 2)
    assert [item.raw for item in found] == [b"<13>hello", b"<13>hello"]
    peers = sorted(str(item.peer) for item in found if isinstance(item, Record))
    assert peers[0].startswith("127.0.0.1:")
    assert peers[1].startswith("[::1]:")


def test_tls_takes_records_and_nothing_in_plain(listen: Open, tmp_path: Path) -> None:
    certificate, key = _certificate(tmp_path)
    source = listen(tls=("127.0.0.1:0",), certificate=TlsConfig(certificate=certificate, key=key))
    context = ssl.create_default_context(cafile=str(certificate))
    with (
        socket.create_connection(source.addresses["tls"][0], timeout=PATIENCE_SECONDS) as plain,
        context.wrap_socket(plain, server_hostname="localhost") as client,
    ):
        assert client.version() in {"TLSv1.2", "TLSv1.3"}
        client.sendall(b"9 <13>tls 1")
    assert [item.raw for item in received(source, 1)] == [b"<13>tls 1"]
    with connect(source, "tls") as client:
        client.sendall(b"<13>not tls\n")
        client.shutdown(socket.SHUT_WR)
        while client.recv(1000):
            pass
    assert tls_context(TlsConfig(certificate=certificate, key=key)).minimum_version is ssl.TLSVersion.TLSv1_2
    assert source._spool.synced == 2  # nothing of what came in plain


def test_clients_without_certificate_are_refused_where_one_is_asked_for(listen: Open, tmp_path: Path) -> None:
    certificate, key = _certificate(tmp_path)
    tls = TlsConfig(certificate=certificate, key=key, client_ca=certificate)
    source = listen(tls=("127.0.0.1:0",), certificate=tls)
    bare = ssl.create_default_context(cafile=str(certificate))
    with (
        suppress(ssl.SSLError, ConnectionError),
        connect(source, "tls") as plain,
        bare.wrap_socket(plain, server_hostname="localhost") as client,
    ):
        client.sendall(b"7 <13>no!")
        client.recv(1)  # TLS 1.3 tells the client only now
    known = ssl.create_default_context(cafile=str(certificate))
    known.load_cert_chain(certificate, key)
    with connect(source, "tls") as plain, known.wrap_socket(plain, server_hostname="localhost") as client:
        client.sendall(b"7 <13>yes")
    assert [item.raw for item in received(source, 1)] == [b"<13>yes"]


def test_messages_beyond_the_limit_and_cut_ones_are_dead_letters(listen: Open) -> None:
    source = listen(tcp=("127.0.0.1:0",), max_message_bytes=480)
    with connect(source) as client:
        client.sendall(b"<1>" + b"a" * 1000 + b"\n<2>fine\n100 <3>never ends")
    found = received(source, 3)
    letters = {item.reason: item for item in found if isinstance(item, DeadLetter)}
    assert [item.raw for item in found if isinstance(item, Record)] == [b"<2>fine"]
    assert letters[Reason.TOO_LARGE].length == 1003
    assert len(letters[Reason.TOO_LARGE].raw) == 480
    assert letters[Reason.TRUNCATED].raw == b"<3>never ends"


def test_silent_and_surplus_connections_are_closed(listen: Open) -> None:
    source = listen(tcp=("127.0.0.1:0",), idle_seconds=1, max_connections=1)
    with connect(source) as first:
        time.sleep(0.05)
        with connect(source) as second:
            assert second.recv(1) == b""
        assert first.recv(1) == b""
    with connect(source) as third:
        third.sendall(b"<1>room again\n")
    assert [item.raw for item in received(source, 1)] == [b"<1>room again"]


def test_a_full_spool_makes_tcp_wait_and_drops_datagrams(listen: Open) -> None:
    small = SpoolSettings(max_bytes=1 << 16, segment_bytes=1 << 13)
    source = listen(small, tcp=("127.0.0.1:0",), udp=("127.0.0.1:0",), max_message_bytes=2000)
    lines = [b"<1>%06d " % number + b"x" * 990 for number in range(400)]

    def send() -> None:
        with connect(source) as client:
            client.settimeout(PATIENCE_SECONDS)
            client.sendall(b"".join(line + b"\n" for line in lines))

    sender = threading.Thread(target=send)
    sender.start()
    time.sleep(0.4)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        for _ in range(5):
            client.sendto(b"<2>" + b"y" * 1000, source.addresses["udp"][0])
    time.sleep(0.2)
    stop = threading.Event()
    timer = threading.Timer(PATIENCE_SECONDS, stop.set)
    timer.start()
    found: list[bytes] = []
    dropped = 0
    for batch in source.batches(stop):
        found += [record.raw for record in batch.records]
        assert batch.checkpoint is not None
        source.acknowledge(batch.checkpoint)
        dropped += source.take_dropped()
        if len(found) + dropped == len(lines) + 5:
            break
    timer.cancel()
    sender.join(PATIENCE_SECONDS)
    assert [raw for raw in found if raw.startswith(b"<1>")] == lines
    assert dropped + len([raw for raw in found if raw.startswith(b"<2>")]) == 5
    assert source.take_dropped() == 0


def test_addresses_that_cannot_be_listened_at_are_named(tmp_path: Path, checkpoints: Checkpoints) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        config = SyslogSourceConfig(name="net", tcp=(address,))
        source = SyslogSource(config, Spool(tmp_path / "spool"), checkpoints)
        with pytest.raises(SourceError, match=address):
            source.open()
        source.close()


@pytest.mark.skipif(shutil.which("logger") is None, reason="util-linux logger is not installed")
def test_logger_is_understood(listen: Open) -> None:
    source = listen(tcp=("127.0.0.1:0",), udp=("127.0.0.1:0",))
    for kind in ("tcp", "udp"):
        host, port = source.addresses[kind][0]
        command = ["logger", f"--{kind}", "-n", host, "-P", str(port), "--rfc5424", "-t", "tester"]
        subprocess.run([*command, f"over {kind}"], check=True, timeout=PATIENCE_SECONDS)
        subprocess.run([*command, "--octet-count", f"counted {kind}"], check=True, timeout=PATIENCE_SECONDS)
    raws = b"\n".join(item.raw for item in received(source, 4))
    for words in (b"over tcp", b"counted tcp", b"over udp"):
        assert words in raws


def _certificate(folder: Path) -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate_path, key_path = folder / "certificate.pem", folder / "key.pem"
    certificate_path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    key_path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return certificate_path, key_path
