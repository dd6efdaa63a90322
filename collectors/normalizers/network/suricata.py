"""Suricata EVE records: alerts, flows and protocol transactions, one JSON object each.

Everything stays under ``suricata.eve.`` with EVE's names. Source: Suricata User Guide, "Eve JSON Format"; DNS in
its three layouts (v1 one answer a record, v2 ``answers``, v3 ``queries``).
"""

from __future__ import annotations

from collections.abc import Mapping

from collectors.normalizers.contract import SourceContext
from collectors.normalizers.document import carrier, child, document_of, namespaced, number, present, text
from collectors.normalizers.moments import timestamp_of
from collectors.normalizers.network.suricata_fields import PROTOCOLS
from collectors.normalizers.network_fields import endpoint, network_type
from collectors.record import Record
from events import Event

_SEVEREST = 4  # EVE counts severity down (1 is severest), ECS up


class SuricataNormalizer:
    """One EVE record a document."""

    name = "suricata"

    def recognizes(self, record: Record) -> bool:
        """Whether the document is an EVE record: typed, timed, and of a flow or the engine's statistics."""
        document = document_of(record)
        if document is None or "timestamp" not in document:
            return False
        kind = document.get("event_type")
        return isinstance(kind, str) and (kind in document or "flow_id" in document) and "user" not in document

    def normalize(self, record: Record, context: SourceContext) -> Event:
        """The event of an EVE record.

        Raises:
            NormalizeError: the record has no time or is nested too deeply.
        """
        document: Mapping[str, object] = document_of(record) or {}
        kind = text(document, "event_type") or "unknown"
        event: Event = {
            "@timestamp": timestamp_of(document.get("timestamp"), context.zone, "timestamp"),
            "event.kind": "alert" if kind == "alert" else "metric" if kind == "stats" else "event",
            "event.category": ["network"],
            "event.type": ["connection"] if kind in ("flow", "netflow") else ["protocol"],
            "event.dataset": "suricata.eve",
            "event.module": "suricata",
        }
        event |= carrier(record) | _connection(document)
        if kind == "alert":
            event |= _alert(child(document, "alert"))
        # An alert carries the transaction it was raised in under the protocol's own name.
        for name, fields in PROTOCOLS.items():
            inner = child(document, name)
            if inner:
                event |= fields(inner)
        return event | namespaced(document, "suricata.eve.")


def _connection(document: Mapping[str, object]) -> Event:
    event = endpoint("source", text(document, "src_ip"), document.get("src_port"))
    event |= endpoint("destination", text(document, "dest_ip"), document.get("dest_port"))
    address = event.get("source.ip")
    protocol = text(document, "app_proto")
    return event | present(
        network__transport=(text(document, "proto") or "").lower(),
        network__type=network_type(address if isinstance(address, str) else None),
        network__protocol=protocol if protocol != "failed" else None,
        network__community_id=text(document, "community_id"),
        observer__name=text(document, "host"),
        event__reference=text(document, "flow_id"),
    )


def _alert(alert: Mapping[str, object]) -> Event:
    severity = number(alert, "severity")
    blocked = text(alert, "action") == "blocked"
    verdict: Event = {"event.type": ["denied" if blocked else "info"], "event.category": ["intrusion_detection"]}
    return verdict | present(
        rule__id=text(alert, "signature_id"),
        rule__name=text(alert, "signature"),
        rule__category=text(alert, "category"),
        rule__version=text(alert, "rev"),
        event__action=text(alert, "action"),
        event__severity=max(_SEVEREST - severity, 0) if severity is not None else None,
        message=text(alert, "signature"),
    )
