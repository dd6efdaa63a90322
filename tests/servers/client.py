"""Elasticsearch's own client for tests, as patient as they are: a machine may have more to do."""

from __future__ import annotations

from typing import Any

from elasticsearch import Elasticsearch

from tests.patience import PATIENCE_SECONDS

SERVER_PATIENCE = f"{PATIENCE_SECONDS - 10}s"
"""How long the server itself waits for what it is asked to wait for."""


def patient_client(*hosts: str, **options: Any) -> Elasticsearch:  # noqa: ANN401 (the client's own)
    """A client; whoever makes it closes it."""
    return Elasticsearch(list(hosts), request_timeout=PATIENCE_SECONDS, **options)
