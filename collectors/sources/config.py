"""Configuration of the sources, one model a type; what ``fengsui.toml`` says under ``[[sources]]``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from collectors.sources.spool.spool import SpoolSettings

_NAME = r"^[a-z0-9][a-z0-9._-]{0,99}$"
_FITS = 4
"""How many of the largest pushes a spool has to hold, so that each finds room at some time."""

_SHA256 = r"^[0-9a-f]{64}$"


class _Settings(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SourceConfig(_Settings):
    """What every source has.

    Attributes:
        name: unique among the sources; in status, dead letters and ``fengsui.source.name``.
        format: the normalizer to use instead of recognition from content.
        timezone: IANA name of the zone of times written without one; None is the machine's own.
        encoding: of the text, as Python knows it; None recognizes it.
        batch_records: how many records go together.
    """

    name: str = Field(pattern=_NAME)
    format: str | None = None
    timezone: str | None = None
    encoding: str | None = None
    batch_records: int = Field(default=2_000, ge=1, le=10_000)

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str | None) -> str | None:
        if value is not None:
            try:
                ZoneInfo(value)
            except (KeyError, ValueError, OSError) as error:
                raise ValueError(f"no time zone is called {value!r}; use an IANA name such as Asia/Shanghai") from error
        return value

    @property
    def zone(self) -> ZoneInfo | None:
        """The zone of times written without one."""
        return ZoneInfo(self.timezone) if self.timezone else None


class FileSourceConfig(SourceConfig):
    """Files by glob pattern, read once or followed through rotation.

    Attributes:
        paths: glob patterns (``**`` crosses folders).
        follow: go on reading what is appended; else end after one reading.
        poll_seconds: how often followed files are looked at.
        settle_seconds: how long a file that must be read whole has to be unchanged.
        hold_partial_seconds: how long a last line without newline is waited for.
        pace: ``daily`` repeats a recorded day every day, each record at its own time of day, beginning with the day
            that lies behind the start.
    """

    type: Literal["file"] = "file"
    paths: tuple[str, ...] = Field(min_length=1)
    follow: bool = False
    poll_seconds: float = Field(default=1, gt=0)
    settle_seconds: float = Field(default=3, ge=0)
    hold_partial_seconds: float = Field(default=300, ge=0)
    pace: Literal["full", "daily"] = "full"

    @model_validator(mode="after")
    def _paced_is_not_followed(self) -> FileSourceConfig:
        if self.pace == "daily" and self.follow:
            raise ValueError('pace = "daily" replays finished files; leave out follow')
        return self


class TlsConfig(_Settings):
    """Server certificate (chain) and key, PEM; ``client_ca`` asks clients for a certificate of that authority."""

    certificate: Path
    key: Path
    client_ca: Path | None = None


class SyslogSourceConfig(SourceConfig):
    """A syslog listener: UDP (RFC 5426), TCP (RFC 6587), TLS (RFC 5425), each where an address is given.

    Attributes:
        udp, tcp, tls: addresses to listen at, ``host:port`` or ``[v6]:port``; port 0 takes a free one.
        max_message_bytes: longer messages are cut and become dead letters.
        idle_seconds: a connection silent for so long is closed.
        max_connections: more are refused.
    """

    type: Literal["syslog"] = "syslog"
    udp: tuple[str, ...] = ()
    tcp: tuple[str, ...] = ()
    tls: tuple[str, ...] = ()
    certificate: TlsConfig | None = None
    max_message_bytes: int = Field(default=1 << 18, ge=480, le=1 << 20)
    idle_seconds: float = Field(default=3_600, gt=0)
    max_connections: int = Field(default=1_000, ge=1)
    spool: SpoolSettings = SpoolSettings()

    @field_validator("udp", "tcp", "tls")
    @classmethod
    def _addresses(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for address in value:
            host_and_port(address)
        return value

    @model_validator(mode="after")
    def _listens(self) -> SyslogSourceConfig:
        if not (self.udp or self.tcp or self.tls):
            raise ValueError('no address to listen at; set udp, tcp or tls, for example udp = ["0.0.0.0:514"]')
        if self.tls and self.certificate is None:
            raise ValueError("tls needs certificate = { certificate = …, key = … } (PEM files)")
        if self.spool.max_bytes < _FITS * self.max_message_bytes:
            raise ValueError(
                f"spool.max_bytes must be {_FITS} × max_message_bytes at least; raise it or lower the other"
            )
        return self


class HttpSourceConfig(SourceConfig):
    """An HTTP intake: POST /intake/NAME. Sources that listen at the same address share the server.

    Attributes:
        listen: ``host:port``; port 0 takes a free one.
        token_sha256: SHA-256 of each bearer token that may push to this source, in hexadecimal.
        max_body_bytes: of a request as sent; ``max_expanded_bytes`` after decompression.
    """

    type: Literal["http"] = "http"
    listen: str = "127.0.0.1:8462"
    token_sha256: tuple[Annotated[str, Field(pattern=_SHA256)], ...] = Field(min_length=1)
    max_body_bytes: int = Field(default=8 << 20, ge=1)
    max_expanded_bytes: int = Field(default=32 << 20, ge=1)
    certificate: TlsConfig | None = None
    spool: SpoolSettings = SpoolSettings()

    @field_validator("listen")
    @classmethod
    def _address(cls, value: str) -> str:
        host_and_port(value)
        return value

    @model_validator(mode="after")
    def _fits(self) -> HttpSourceConfig:
        if self.spool.max_bytes < _FITS * self.max_expanded_bytes:
            raise ValueError(
                f"spool.max_bytes must be {_FITS} × max_expanded_bytes at least; raise it or lower the other"
            )
        return self


class PcapSourceConfig(SourceConfig):
    """Packets of a live interface: flows, DNS, HTTP and TLS fields.

    Attributes:
        interface: name of the interface.
        capture_filter: in libpcap's syntax; None captures all.
    """

    type: Literal["pcap"] = "pcap"
    interface: str
    capture_filter: str | None = None


AnySourceConfig = Annotated[
    FileSourceConfig | SyslogSourceConfig | HttpSourceConfig | PcapSourceConfig, Field(discriminator="type")
]


def host_and_port(address: str) -> tuple[str, int]:
    """The parts of ``host:port`` or ``[v6]:port``.

    Raises:
        ValueError: the text is no such address.
    """
    host, colon, port = address.rpartition(":")
    host = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    if not colon or not host or not port.isdecimal() or int(port) > 0xFFFF:  # noqa: PLR2004 (the last port)
        raise ValueError(f"{address!r} is no address to listen at; write host:port, or [v6]:port for IPv6")
    return host, int(port)
