"""TLS handshakes: what the client offers, what the server chooses, and who its certificate says it is."""

from __future__ import annotations

from collections.abc import Iterator

from cryptography import x509
from cryptography.hazmat.primitives import hashes

from collectors.sources.pcap.exchange import Document, Opening
from collectors.sources.pcap.frame import Frame
from collectors.sources.pcap.tls_names import cipher_name, version_name

_CLIENT_HELLO, _SERVER_HELLO = "1", "2"
_APPLICATION_DATA = "23"


class TlsHandshakes:
    """The handshake of one conversation; the first one, since a renegotiation is encrypted."""

    def __init__(self, opening: Opening) -> None:
        self._opening = opening
        self._seen: Document = {}
        self._time_us = 0
        self._told = False

    def observe(self, frame: Frame) -> Iterator[Document]:
        """Note a part of the handshake; gives the handshake once application data follows it."""
        if self._told:
            return
        kinds = frame.all("tls.handshake.type")
        part: Document = {}
        if _CLIENT_HELLO in kinds:
            part |= _client_hello(frame)
        if _SERVER_HELLO in kinds:
            part |= _server_hello(frame)
        certificate = frame.first("tls.handshake.certificate")
        if certificate and "certificate" not in self._seen and not self._is_client(frame):
            part |= {"certificate": _certificate(certificate)}
        if part and not self._seen:
            self._time_us = frame.time_us
        self._seen |= part
        if self._seen and _APPLICATION_DATA in frame.all("tls.record.content_type") + frame.all(
            "tls.record.opaque_type"
        ):
            yield from self.finish(established=True)

    def finish(self, *, established: bool = False) -> Iterator[Document]:
        """The handshake as far as it got."""
        if self._seen and not self._told:
            self._told = True
            base = self._opening.document("tls", self._time_us)
            yield {**base, "established": established, **self._seen}

    def _is_client(self, frame: Frame) -> bool:
        return frame.source == self._opening.source and "client" in self._seen


def _client_hello(frame: Frame) -> Document:
    offered = {
        "server_name": frame.first("tls.handshake.extensions_server_name"),
        "ja3": frame.first("tls.handshake.ja3"),
        "ja4": frame.first("tls.handshake.ja4"),
        "alpn": frame.all("tls.handshake.extensions_alpn_str"),
    }
    return {"client": {name: value for name, value in offered.items() if value}}


def _server_hello(frame: Frame) -> Document:
    # The extension outranks the field, which TLS 1.3 freezes at 1.2 (RFC 8446 §4.1.3).
    version = frame.first("tls.handshake.extensions.supported_version") or frame.first("tls.handshake.version")
    cipher = frame.first("tls.handshake.ciphersuite")
    chosen = {
        "version": version_name(version) if version else None,
        "cipher": cipher_name(cipher) if cipher else None,
        "ja3s": frame.first("tls.handshake.ja3s"),
        "alpn": frame.first("tls.handshake.extensions_alpn_str"),
    }
    return {"server": {name: value for name, value in chosen.items() if value}}


def _certificate(hexadecimal: str) -> Document:
    """The server's own certificate; an unreadable one gives an empty document."""
    try:
        certificate = x509.load_der_x509_certificate(bytes.fromhex(hexadecimal.replace(":", "")))
        return {
            "subject": certificate.subject.rfc4514_string(),
            "issuer": certificate.issuer.rfc4514_string(),
            "serial": f"{certificate.serial_number:x}",
            "not_before": certificate.not_valid_before_utc.isoformat(),
            "not_after": certificate.not_valid_after_utc.isoformat(),
            "sha1": certificate.fingerprint(hashes.SHA1()).hex(),  # noqa: S303 (a name for it, not a protection)
            "sha256": certificate.fingerprint(hashes.SHA256()).hex(),
        }
    except (ValueError, TypeError):
        return {}
