"""What people do with webhooks, each within their units; the API and the console do it alike."""

from __future__ import annotations

from api.caller import Caller
from api.dependencies import ApiDependencies
from api.playbook_documents import (
    DeliveryDetail,
    DeliveryDocument,
    DeliveryPage,
    EndpointDocument,
    EndpointRequest,
    EndpointSecret,
)
from api.playbook_views import delivery_detail, delivery_document, endpoint_document
from api.registry_work import editor
from api.signing import decode_cursor, encode_cursor
from playbooks.webhooks import deliveries, endpoints, repository
from playbooks.webhooks.endpoints import NewEndpoint, WebhookSecrets

READ, WRITE = "webhooks:read", "webhooks:write"


def secrets_of(dependencies: ApiDependencies) -> WebhookSecrets:
    """What seals and opens the secrets of endpoints."""
    return WebhookSecrets(dependencies.secrets_key)


def read_endpoints(dependencies: ApiDependencies, caller: Caller) -> list[EndpointDocument]:
    """The receivers that the caller may see, by name."""
    with dependencies.records.read() as session:
        return [endpoint_document(row) for row in repository.list_endpoints(session, editor(caller, READ).scope)]


def read_endpoint(dependencies: ApiDependencies, endpoint_id: str, caller: Caller) -> EndpointDocument:
    """One receiver.

    Raises:
        WebhookNotFoundError: there is none that the caller may see.
    """
    with dependencies.records.read() as session:
        return endpoint_document(repository.get_endpoint(session, editor(caller, READ).scope, endpoint_id))


def register(dependencies: ApiDependencies, body: EndpointRequest, caller: Caller) -> EndpointSecret:
    """Register a receiver; its secret is given this once.

    Raises:
        InvalidWebhookError: its name, address or unit can't be taken.
    """
    new, who = NewEndpoint(body.name, body.url, body.unit_id), editor(caller, WRITE)
    with dependencies.records.begin() as session:
        row, secret = endpoints.register_endpoint(session, new, who, secrets_of(dependencies), dependencies.call_guard)
        return EndpointSecret(endpoint=endpoint_document(row), secret=secret)


def rotate(dependencies: ApiDependencies, endpoint_id: str, caller: Caller) -> EndpointSecret:
    """Give a receiver a new secret; the former one counts too for a while."""
    who = editor(caller, WRITE)
    with dependencies.records.begin() as session:
        row, secret = endpoints.rotate_secret(session, who.scope, endpoint_id, secrets_of(dependencies), who.by)
        return EndpointSecret(endpoint=endpoint_document(row), secret=secret)


def disable(dependencies: ApiDependencies, endpoint_id: str, caller: Caller) -> EndpointDocument:
    """Call a receiver no more."""
    who = editor(caller, WRITE)
    with dependencies.records.begin() as session:
        return endpoint_document(endpoints.disable_endpoint(session, who.scope, endpoint_id, who.by))


def enable(dependencies: ApiDependencies, endpoint_id: str, caller: Caller) -> EndpointDocument:
    """Call a receiver again."""
    who = editor(caller, WRITE)
    with dependencies.records.begin() as session:
        return endpoint_document(endpoints.enable_endpoint(session, who.scope, endpoint_id, who.by))


def try_out(dependencies: ApiDependencies, endpoint_id: str, caller: Caller) -> DeliveryDocument:
    """Send a receiver a call that asks nothing of it.

    Raises:
        RunConflictError: it is disabled.
    """
    who = editor(caller, WRITE)
    with dependencies.records.begin() as session:
        return delivery_document(deliveries.try_endpoint(session, who.scope, endpoint_id, who.by))


def read_deliveries(
    dependencies: ApiDependencies, endpoint_id: str | None, limit: int, cursor: str | None, caller: Caller
) -> DeliveryPage:
    """One page of the deliveries that the caller may see, the newest first.

    Raises:
        CursorError: the cursor belongs to another list.
    """
    key, purpose = dependencies.secret_key, f"deliveries:{endpoint_id}"
    before = tuple(decode_cursor(key, purpose, cursor)) if cursor else None
    with dependencies.records.read() as session:
        rows = repository.list_deliveries(session, editor(caller, READ).scope, endpoint_id, limit, before)
    following = encode_cursor(key, purpose, (rows[-1].created_ms, rows[-1].id)) if len(rows) == limit else None
    return DeliveryPage(deliveries=[delivery_document(row) for row in rows], next_cursor=following)


def read_delivery(dependencies: ApiDependencies, delivery_id: str, caller: Caller) -> DeliveryDetail:
    """One delivery with its log.

    Raises:
        WebhookNotFoundError: there is none that the caller may see.
    """
    with dependencies.records.read() as session:
        return delivery_detail(session, repository.get_delivery(session, editor(caller, READ).scope, delivery_id))


def redeliver(dependencies: ApiDependencies, delivery_id: str, caller: Caller) -> DeliveryDocument:
    """Try a delivery that ended again, under the same id.

    Raises:
        RunConflictError: it is still being tried, or its endpoint is disabled.
    """
    who = editor(caller, WRITE)
    with dependencies.records.begin() as session:
        return delivery_document(deliveries.redeliver(session, who.scope, delivery_id, who.by))
