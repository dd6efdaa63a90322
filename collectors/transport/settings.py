"""How Kafka is reached and what its topics are called: ``[kafka]`` of ``fengsui.toml``."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Setting = str | int | bool | float
LARGEST_MESSAGE = 20 << 20
"""Bytes; the largest record there is (``policies/collection/limits.yml``) with what is said about it."""
_CRITICAL = 2
"""Of syslog's severities (RFC 5424, 6.2.1)."""
_LONGEST_BACKOFF_MS = 5_000


class KafkaSettings(BaseModel):
    """The brokers, the topics, and how to sign in.

    Attributes:
        servers: ``host:port`` of some brokers; the others are learned from them.
        prefix: what the names of topics and consumer groups begin with.
        partitions: of each topic, where it is made; as many workers at most share the work.
        replication: copies of each partition, where a topic is made; the brokers' own default if not given.
        retention_hours: how long topics that are made keep what all workers have read.
        encryption: ``tls`` to speak to the brokers over TLS.
        authorities: file of the certificate authorities to trust instead of the machine's.
        user: name to sign in with (SCRAM-SHA-512); the password lies in ``password_file``.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    servers: tuple[str, ...] = Field(min_length=1)
    prefix: str = Field(default="fengsui", pattern=r"^[A-Za-z0-9._-]{1,100}$")
    partitions: int = Field(default=12, ge=1, le=1_000)
    replication: int | None = Field(default=None, ge=1, le=9)
    retention_hours: int = Field(default=168, ge=1)
    encryption: Literal["none", "tls"] = "none"
    authorities: Path | None = None
    user: str = ""
    password_file: Path | None = None

    @property
    def records_topic(self) -> str:
        """Records on their way from collectors to detection."""
        return f"{self.prefix}.records"

    @property
    def matches_topic(self) -> str:
        """Matches of rules that remember, on their way to whoever remembers for them."""
        return f"{self.prefix}.matches"

    def client(self) -> dict[str, Setting]:
        """What every client of the brokers is told, in librdkafka's words.

        Raises:
            OSError: the password file can't be read.
        """
        told: dict[str, Setting] = {
            "bootstrap.servers": ",".join(self.servers),
            "client.id": self.prefix,
            "log_level": _CRITICAL,  # the rest is told by whoever asked the client
            "reconnect.backoff.max.ms": _LONGEST_BACKOFF_MS,
        }
        protocol = "ssl" if self.encryption == "tls" else "plaintext"
        if self.authorities:
            told["ssl.ca.location"] = str(self.authorities)
        if self.user:
            protocol = f"sasl_{protocol}"
            password = self.password_file.read_text(encoding="utf-8").strip() if self.password_file else ""
            told |= {"sasl.mechanism": "SCRAM-SHA-512", "sasl.username": self.user, "sasl.password": password}
        return told | {"security.protocol": protocol}
