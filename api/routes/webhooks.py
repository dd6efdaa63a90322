"""``/webhooks``: receivers of signed calls, deliveries with their log, and signed calls that come in."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from starlette.concurrency import run_in_threadpool

from api.access import Requires
from api.caller import Caller, caller_of
from api.dependencies import ApiDependencies, Dependencies
from api.idempotency import IdempotentRoute
from api.playbook_documents import (
    CallbackTaken,
    DeliveryDetail,
    DeliveryDocument,
    DeliveryPage,
    EndpointDocument,
    EndpointRequest,
    EndpointSecret,
)
from api.playbook_views import delivery_detail, delivery_document, endpoint_document
from api.problems import COMMON_RESPONSES
from api.registry_work import editor
from api.signing import decode_cursor, encode_cursor
from events import now_ms
from playbooks.webhooks import deliveries, repository
from playbooks.webhooks.callbacks import Callback, take_callback
from playbooks.webhooks.endpoints import (
    NewEndpoint,
    WebhookSecrets,
    disable_endpoint,
    register_endpoint,
    rotate_secret,
)

READ, WRITE = "webhooks:read", "webhooks:write"
router = APIRouter(
    prefix="/api/v1/webhooks", tags=["webhooks"], route_class=IdempotentRoute, responses=COMMON_RESPONSES
)
# A call that comes in has its own id, by which it counts once: no Idempotency-Key, and no caller but its signature.
callbacks = APIRouter(prefix="/api/v1/webhooks", tags=["webhooks"], responses=COMMON_RESPONSES)
Reader = Annotated[Caller, Depends(Requires(READ))]
Writer = Annotated[Caller, Depends(Requires(WRITE))]


@router.get("/endpoints")
def list_endpoints(dependencies: Dependencies, caller: Reader) -> list[EndpointDocument]:
    """The receivers, by name."""
    with dependencies.records.read() as session:
        return [endpoint_document(row) for row in repository.list_endpoints(session, editor(caller, READ).scope)]


@router.post("/endpoints", status_code=HTTPStatus.CREATED)
def register(body: EndpointRequest, dependencies: Dependencies, caller: Writer) -> EndpointSecret:
    """Register a receiver; its secret is shown this once."""
    new = NewEndpoint(body.name, body.url, body.unit_id)
    who, secrets = editor(caller, WRITE), _secrets(dependencies)
    with dependencies.records.begin() as session:
        row, secret = register_endpoint(session, new, who, secrets, dependencies.call_guard)
        return EndpointSecret(endpoint=endpoint_document(row), secret=secret)


@router.post("/endpoints/{endpoint_id}:rotate")
def rotate(endpoint_id: str, dependencies: Dependencies, caller: Writer) -> EndpointSecret:
    """Give a receiver a new secret; the former one signs too for a while."""
    who = editor(caller, WRITE)
    with dependencies.records.begin() as session:
        row, secret = rotate_secret(session, who.scope, endpoint_id, _secrets(dependencies), who.by)
        return EndpointSecret(endpoint=endpoint_document(row), secret=secret)


@router.post("/endpoints/{endpoint_id}:disable")
def disable(endpoint_id: str, dependencies: Dependencies, caller: Writer) -> EndpointDocument:
    """Call a receiver no more."""
    who = editor(caller, WRITE)
    with dependencies.records.begin() as session:
        return endpoint_document(disable_endpoint(session, who.scope, endpoint_id, who.by))


@router.get("/deliveries")
def list_deliveries(
    dependencies: Dependencies,
    caller: Reader,
    endpoint: Annotated[str | None, Query(max_length=64)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: Annotated[str | None, Query(max_length=1024)] = None,
) -> DeliveryPage:
    """Deliveries, the newest first."""
    key, purpose = dependencies.secret_key, f"deliveries:{endpoint}"
    before = tuple(decode_cursor(key, purpose, cursor)) if cursor else None
    with dependencies.records.read() as session:
        rows = repository.list_deliveries(session, editor(caller, READ).scope, endpoint, limit, before)
    following = encode_cursor(key, purpose, (rows[-1].created_ms, rows[-1].id)) if len(rows) == limit else None
    return DeliveryPage(deliveries=[delivery_document(row) for row in rows], next_cursor=following)


@router.get("/deliveries/{delivery_id}")
def get_delivery(delivery_id: str, dependencies: Dependencies, caller: Reader) -> DeliveryDetail:
    """One delivery with its log."""
    with dependencies.records.read() as session:
        return delivery_detail(session, repository.get_delivery(session, editor(caller, READ).scope, delivery_id))


@router.post("/deliveries/{delivery_id}:redeliver")
def redeliver(delivery_id: str, dependencies: Dependencies, caller: Writer) -> DeliveryDocument:
    """Try a delivery that ended again, under the same id."""
    who = editor(caller, WRITE)
    with dependencies.records.begin() as session:
        return delivery_document(deliveries.redeliver(session, who.scope, delivery_id, who.by))


@callbacks.post("/endpoints/{endpoint_id}/callbacks")
async def callback(endpoint_id: str, request: Request, dependencies: Dependencies) -> CallbackTaken:
    """A receiver says what it did: signed after Standard Webhooks with the endpoint's secret, taken once."""
    body, origin = await request.body(), caller_of(request).origin
    headers = {name.lower(): value for name, value in request.headers.items()}
    call = Callback(endpoint_id, headers, body, now_ms(), origin.source_address)
    return CallbackTaken(repeated=not await run_in_threadpool(_take, dependencies, call))


def _take(dependencies: ApiDependencies, call: Callback) -> bool:
    with dependencies.records.begin() as session:
        return take_callback(session, call, _secrets(dependencies))


def _secrets(dependencies: ApiDependencies) -> WebhookSecrets:
    return WebhookSecrets(dependencies.secrets_key)
