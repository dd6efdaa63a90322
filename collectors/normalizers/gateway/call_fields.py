"""What every event of a gateway call says, whichever gateway wrote it."""

from __future__ import annotations

from events import Event


def call_event(timestamp: str) -> Event:
    """The fixed fields of a call at a moment."""
    return {
        "@timestamp": timestamp,
        "event.kind": "event",
        "event.category": ["web", "api"],
        "event.type": ["access"],
        "event.dataset": "api_gateway.access",
        "event.module": "api_gateway",
    }
