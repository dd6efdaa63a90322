"""``kubernetes-audit.ndjson``: the API server's audit log of the government cloud's cluster (audit.k8s.io/v1)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from random import Random
from uuid import UUID

from samples.generate import story
from samples.generate.clock import ROUND_THE_CLOCK, after, moments, utc_microseconds

_NODES = ("10.20.6.11", "10.20.6.12", "10.20.6.13")
_CONTROLLER = "system:serviceaccount:kube-system:generic-garbage-collector"
_TOKEN_CONTROLLER = "system:serviceaccount:kube-system:token-cleaner"  # noqa: S105 (the name of an account)


@dataclass(frozen=True, slots=True)
class Request:
    """One request: who, from where, does what to which object."""

    user: str
    address: str
    verb: str
    resource: str
    namespace: str = ""
    name: str = ""
    subresource: str = ""
    status: int = 200

    @property
    def path(self) -> str:
        """The request's path in the API."""
        parts = ("/api/v1", f"namespaces/{self.namespace}" if self.namespace else "", self.resource, self.name)
        return "/".join(part for part in (*parts, self.subresource) if part)


_ROUTINE = (
    Request("system:node:node-1", _NODES[0], "get", "nodes", "", "node-1"),
    Request("system:node:node-2", _NODES[1], "patch", "nodes", "", "node-2", "status"),
    Request("system:kube-controller-manager", _NODES[0], "update", "endpoints", "kube-system", "scheduler"),
    Request(_CONTROLLER, _NODES[0], "list", "configmaps"),
    Request(_TOKEN_CONTROLLER, _NODES[0], "list", "secrets"),
    Request("system:kube-scheduler", _NODES[0], "create", "pods", "portal", "portal-6d5f7c9b8-2xkqp", "binding", 201),
    Request("system:serviceaccount:portal:default", "10.20.6.12", "get", "configmaps", "portal", "portal-settings"),
    Request("ops01", story.OPERATOR_ADDRESSES[0], "get", "pods", "portal", "portal-6d5f7c9b8-2xkqp", "log"),
    Request("ops02", story.OPERATOR_ADDRESSES[1], "list", "pods", "portal"),
    Request("ops02", story.OPERATOR_ADDRESSES[1], "get", "deployments", "portal", "portal"),
)


def render() -> bytes:
    """The file's bytes."""
    random = Random("kubernetes-audit.ndjson")
    busy = [(moment, random.choice(_ROUTINE)) for moment in moments(random, 620, ROUND_THE_CLOCK)]
    requests = sorted([*busy, *_attack()], key=lambda pair: pair[0])
    return "".join(_line(moment, request, random) for moment, request in requests).encode()


def _attack() -> list[tuple[datetime, Request]]:
    pod = "portal-6d5f7c9b8-2xkqp"
    stolen, weak = story.STOLEN_CLOUD_USER, story.WEAK_SERVICE_ACCOUNT
    address = story.COMMAND_SERVER
    return [
        (after(story.POD_EXEC, -35), Request(stolen, address, "list", "pods", "portal")),
        (story.POD_EXEC, Request(stolen, address, "create", "pods", "portal", pod, "exec", 101)),
        (story.SECRETS_LISTED, Request(weak, "10.20.6.12", "list", "secrets")),
        (after(story.SECRETS_LISTED, 6), Request(weak, "10.20.6.12", "list", "secrets", "kube-system", status=403)),
    ]


def _line(moment: datetime, request: Request, random: Random) -> str:
    refused = request.status == 403
    reference = {"resource": request.resource, "namespace": request.namespace, "name": request.name}
    document = {
        "kind": "Event",
        "apiVersion": "audit.k8s.io/v1",
        "level": "Metadata",
        "auditID": str(UUID(int=random.getrandbits(128))),
        "stage": "ResponseComplete",
        "requestURI": request.path,
        "verb": request.verb,
        "user": {"username": request.user, "groups": ["system:authenticated"]},
        "sourceIPs": [request.address],
        "userAgent": "kubectl/v1.31.2 (linux/amd64)" if ":" not in request.user else "kube-client/v1.31.2",
        "objectRef": {
            **{key: value for key, value in reference.items() if value},
            "apiVersion": "v1",
            **({"subresource": request.subresource} if request.subresource else {}),
        },
        "responseStatus": {"metadata": {}, "code": request.status},
        "requestReceivedTimestamp": utc_microseconds(moment),
        "stageTimestamp": utc_microseconds(after(moment, 0.012)),
        "annotations": {"authorization.k8s.io/decision": "forbid" if refused else "allow"},
    }
    return json.dumps(document, separators=(",", ":")) + "\n"
