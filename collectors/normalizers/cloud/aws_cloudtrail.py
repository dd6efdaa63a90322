"""AWS CloudTrail records (record contents 1.0x), also as EventBridge delivers them and as Logstash dates them.

Beside the flattened parameters, ``aws.cloudtrail.request_parameters`` and ``.response_elements`` hold each whole as
JSON text, for rules that search the parameters as one text.
"""

from __future__ import annotations

from collections.abc import Mapping

import orjson

from collectors.normalizers.cloud.api_call import api_call
from collectors.normalizers.contract import SourceContext
from collectors.normalizers.document import child, document_of, namespaced, present, text
from collectors.normalizers.moments import timestamp_of
from collectors.normalizers.network_fields import endpoint
from collectors.record import Record
from events import Event

_NAMESPACE = "aws.cloudtrail."


class AwsCloudtrailNormalizer:
    """One CloudTrail record a document."""

    name = "aws_cloudtrail"

    def recognizes(self, record: Record) -> bool:
        """Whether the document is a CloudTrail record."""
        document = document_of(record)
        return document is not None and _is_cloudtrail(_unwrapped(document))

    def normalize(self, record: Record, context: SourceContext) -> Event:
        """The event of a CloudTrail record.

        Raises:
            NormalizeError: the record has no time or is nested too deeply.
        """
        wrapped: Mapping[str, object] = document_of(record) or {}
        document = _unwrapped(wrapped)
        moment = document.get("eventTime") or wrapped.get("@timestamp") or wrapped.get("time")
        service = (text(document, "eventSource") or "").partition(".")[0]
        action = text(document, "eventName") or text(document, "eventType") or "unknown"
        event: Event = {
            "@timestamp": timestamp_of(moment, context.zone, "eventTime"),
            "event.kind": "event",
            "event.dataset": "aws.cloudtrail",
            "event.module": "aws",
            "event.action": action,
            "event.outcome": _outcome(document),
            "cloud.provider": "aws",
        }
        event |= api_call(service, action, read_only=document.get("readOnly") in (True, "true"))
        event |= _call_fields(document, service)
        event |= _user(child(document, "userIdentity"))
        event |= endpoint("source", text(document, "sourceIPAddress"))
        event |= namespaced(document, _NAMESPACE)
        return (
            event
            | _whole(document, "requestParameters", "request_parameters")
            | _whole(document, "responseElements", "response_elements")
        )


def _unwrapped(document: Mapping[str, object]) -> Mapping[str, object]:
    """The record inside an EventBridge event, or the record itself."""
    inner = child(document, "detail")
    return inner if inner and "detail-type" in document else document


def _is_cloudtrail(document: Mapping[str, object]) -> bool:
    kind, source = document.get("eventType"), document.get("eventSource")
    named = isinstance(source, str) and ".amazonaws." in f"{source}." and isinstance(document.get("eventName"), str)
    return "awsRegion" in document and (named or (isinstance(kind, str) and kind.startswith("Aws")))


def _outcome(document: Mapping[str, object]) -> str:
    answer = text(child(document, "responseElements"), "ConsoleLogin")
    failed = text(document, "errorCode", "errorMessage") is not None or answer == "Failure"
    return "failure" if failed else "success"


def _call_fields(document: Mapping[str, object], service: str) -> Event:
    identity = child(document, "userIdentity")
    tls = child(document, "tlsDetails")
    return present(
        event__provider=text(document, "eventSource"),
        cloud__service__name=service,
        cloud__region=text(document, "awsRegion"),
        cloud__account__id=text(document, "recipientAccountId") or text(identity, "accountId"),
        user_agent__original=text(document, "userAgent"),
        error__code=text(document, "errorCode"),
        error__message=text(document, "errorMessage"),
        tls__version=(text(tls, "tlsVersion") or "").removeprefix("TLSv"),
        tls__cipher=text(tls, "cipherSuite"),
        user__target__name=text(child(document, "requestParameters"), "userName") if service == "iam" else None,
    )


def _user(identity: Mapping[str, object]) -> Event:
    issuer = child(child(identity, "sessionContext"), "sessionIssuer")
    principal = text(identity, "principalId") or ""
    root = "root" if text(identity, "type") == "Root" else None
    session = principal.partition(":")[2] or None
    name = text(identity, "userName") or root or text(issuer, "userName") or session or text(identity, "invokedBy")
    return present(user__name=name, user__id=principal)


def _whole(document: Mapping[str, object], name: str, ecs: str) -> Event:
    value = document.get(name)
    if not value:
        return {}
    whole = value if isinstance(value, str) else orjson.dumps(value, default=str).decode()
    return {f"{_NAMESPACE}{ecs}": whole}
