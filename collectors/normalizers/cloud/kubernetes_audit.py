"""Kubernetes audit events (audit.k8s.io/v1 Event), one a document."""

from __future__ import annotations

from collections.abc import Mapping

from collectors.normalizers.contract import SourceContext
from collectors.normalizers.document import child, document_of, namespaced, present, text, texts
from collectors.normalizers.moments import timestamp_of
from collectors.normalizers.network_fields import endpoint, ip_text
from collectors.normalizers.web_fields import request_target, response_status
from collectors.record import Record
from events import Event

_TYPES = {"create": "creation", "delete": "deletion", "deletecollection": "deletion", "update": "change"}
_READS = frozenset({"get", "list", "watch", "head", "options"})
_INTO_CONTAINER = frozenset({"exec", "attach"})


class KubernetesAuditNormalizer:
    """What the API server writes to its audit log or webhook."""

    name = "kubernetes_audit"

    def recognizes(self, record: Record) -> bool:
        """Whether the document says it is an audit event."""
        document = document_of(record)
        if document is None or document.get("kind") != "Event":
            return False
        version = document.get("apiVersion")
        return isinstance(version, str) and version.startswith("audit.k8s.io/")

    def normalize(self, record: Record, context: SourceContext) -> Event:
        """The event of an audit event.

        Raises:
            NormalizeError: the record has no time or is nested too deeply.
        """
        document: Mapping[str, object] = document_of(record) or {}
        moment = text(document, "requestReceivedTimestamp", "stageTimestamp", "timestamp")
        event: Event = {
            "@timestamp": timestamp_of(moment, context.zone, "requestReceivedTimestamp"),
            "event.kind": "event",
            "event.dataset": "kubernetes.audit",
            "event.module": "kubernetes",
            "orchestrator.type": "kubernetes",
        }
        event |= _action(document)
        event |= request_target(text(document, "requestURI") or "/")
        event |= response_status(child(document, "responseStatus").get("code"))
        if child(document, "annotations").get("authorization.k8s.io/decision") == "forbid":
            event["event.outcome"] = "failure"
        event |= _who_and_what(document)
        return event | namespaced(document, "kubernetes.audit.")


def _action(document: Mapping[str, object]) -> Event:
    verb = text(document, "verb") or "unknown"
    if text(child(document, "objectRef"), "subresource") in _INTO_CONTAINER:
        return {"event.action": verb, "event.category": ["process"], "event.type": ["start"]}
    kind = "access" if verb in _READS else _TYPES.get(verb, "change")
    return {"event.action": verb, "event.category": ["configuration"], "event.type": [kind]}


def _who_and_what(document: Mapping[str, object]) -> Event:
    user, target = child(document, "user"), child(document, "objectRef")
    addresses = texts(document, "sourceIPs")
    event = endpoint("source", addresses[0] if addresses else None)
    return event | present(
        related__ip=[ip for address in addresses if (ip := ip_text(address))],
        user__name=text(user, "username"),
        user__id=text(user, "uid"),
        group__name=[*texts(user, "groups")],
        user__effective__name=text(child(document, "impersonatedUser"), "username"),
        user_agent__original=text(document, "userAgent"),
        orchestrator__namespace=text(target, "namespace"),
        orchestrator__resource__name=text(target, "name"),
        orchestrator__resource__type=text(target, "resource"),
        orchestrator__api_version=text(target, "apiVersion"),
        error__message=text(child(document, "responseStatus"), "message"),
        error__code=text(child(document, "responseStatus"), "reason"),
    )
