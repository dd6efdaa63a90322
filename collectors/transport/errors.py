"""The error of the transport."""

from __future__ import annotations

from collectors.sources import SourceError


class TransportError(SourceError):
    """Kafka can't be reached, or refused something; says where, what and what to do next."""
