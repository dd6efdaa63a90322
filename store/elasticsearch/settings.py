"""How a cluster is reached, and what its indexes are like."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from store.errors import StoreError

API_KEY_VARIABLE = "FENGSUI_STORE_API_KEY"
PASSWORD_VARIABLE = "FENGSUI_STORE_PASSWORD"  # noqa: S105 (the name of a variable)

Host = Annotated[str, StringConstraints(pattern=r"^https?://[^/?#]+/?$")]
Prefix = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,60}$")]
Days = Annotated[int, Field(ge=1)]


class ElasticsearchSettings(BaseModel):
    """The section ``[store]`` where it names hosts; credentials lie in files or in the environment.

    An API key is read from ``api_key_file`` or the variable FENGSUI_STORE_API_KEY (Elasticsearch's ``encoded`` form),
    the password of ``user`` from ``password_file`` or FENGSUI_STORE_PASSWORD.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    hosts: Annotated[tuple[Host, ...], Field(min_length=1)]
    """Addresses of nodes, ``https://name:9200``; a request that one doesn't answer goes to the next."""
    authorities: Path | None = None
    """PEM file of the certificate authorities that may vouch for the nodes; the machine's own when absent."""
    fingerprint: str | None = None
    """SHA-256 of the nodes' certificate authority or certificate, instead of ``authorities``."""
    api_key_file: Path | None = None
    user: str = ""
    password_file: Path | None = None
    index_prefix: Prefix = "fengsui-events"
    """What the names of all indexes and templates begin with; one installation a prefix."""
    shards: Annotated[int, Field(ge=1, le=1024)] = 1
    """Primary shards of a day's index."""
    replicas: Annotated[int, Field(ge=0, le=10)] | None = None
    """Copies of each shard; one as soon as there is a second node, when absent."""
    request_seconds: Annotated[float, Field(gt=0)] = 60
    """How long one request may take before the next host is asked."""
    search_seconds: Annotated[float, Field(gt=0)] = 30
    """How long a search may take before what was found so far is the answer, marked incomplete."""
    writers: Annotated[int, Field(ge=1, le=64)] = 2
    """Bulk requests under way at once."""
    warm_after_days: Days | None = None
    """Days after which an index moves to warm nodes, where the cluster has such."""
    cold_after_days: Days | None = None
    """The same for cold nodes."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        for host in self.hosts:
            if "@" in urlsplit(host).netloc:
                raise ValueError("hosts hold no credentials; put them in api_key_file or password_file")
        if self.warm_after_days and self.cold_after_days and self.cold_after_days <= self.warm_after_days:
            raise ValueError("cold_after_days must be more than warm_after_days")
        return self

    def api_key(self) -> str | None:
        """The API key, None where there is none.

        Raises:
            StoreError: its file can't be read.
        """
        return _secret(self.api_key_file, API_KEY_VARIABLE)

    def login(self) -> tuple[str, str] | None:
        """User and password, None where no user is named.

        Raises:
            StoreError: the password is nowhere.
        """
        if not self.user:
            return None
        password = _secret(self.password_file, PASSWORD_VARIABLE)
        if password is None:
            raise StoreError(f"[store] user {self.user} has no password; set password_file or {PASSWORD_VARIABLE}")
        return self.user, password


def _secret(file: Path | None, variable: str) -> str | None:
    if file is None:
        return os.environ.get(variable)
    try:
        return file.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise StoreError(f"{file}: {error.strerror}; give this user the file, or correct [store]") from error
