"""The section ``[monitoring]`` of the settings."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AnyHttpUrl, BaseModel, ConfigDict, Field, field_validator, model_validator

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})
Port = Annotated[int, Field(ge=1, le=65535)]


class MutualTls(BaseModel):
    """PEM files of a listener whose callers must show a certificate too."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    certificate: Path
    key: Path
    authorities: Path
    """Who may have signed the callers' certificates."""


class MonitoringSettings(BaseModel):
    """What the processes tell of themselves; ``serve`` answers at ``/metrics`` of the API, which needs a key."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    host: IPv4Address | IPv6Address = IPv4Address("127.0.0.1")
    """Where the other processes listen, at the ports below; beyond loopback only with ``tls``."""
    collect_port: Port | None = None
    detection_port: Port | None = None
    work_port: Port | None = None
    tls: MutualTls | None = None
    log_format: Literal["auto", "json", "console"] = "auto"
    """``auto`` writes for people at a terminal and JSON anywhere else."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    least_free_bytes: int = Field(default=1 << 30, ge=0)
    """With less room in the data folder a process is not ready."""

    tracing_endpoint: AnyHttpUrl | None = None
    """Where an OpenTelemetry collector takes spans by OTLP over HTTP (``https://collector:4318/v1/traces``)."""
    tracing_authorities: Path | None = None
    """Who may have signed the collector's certificate; the system's authorities by default. It is shown ``tls``."""

    @field_validator("tracing_endpoint")
    @classmethod
    def _protected(cls, value: AnyHttpUrl | None) -> AnyHttpUrl | None:
        if value is not None and value.scheme != "https" and value.host not in _LOOPBACK:
            raise ValueError("spans go to another machine over https only")
        if value is not None and value.path in {None, "", "/"}:
            raise ValueError("name the whole address, as a rule with /v1/traces at its end")
        return value

    @model_validator(mode="after")
    def _guarded(self) -> MonitoringSettings:
        if not self.host.is_loopback and self.tls is None:
            raise ValueError("a host that others can reach needs tls: only who has a certificate may read")
        return self
