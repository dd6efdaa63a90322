"""``/webhooks``: receivers of signed calls, deliveries with their log, and signed calls that come in."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from starlette.concurrency import run_in_threadpool

from api import webhook_work as work
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
from api.problems import COMMON_RESPONSES
from api.webhook_work import READ, WRITE
from events import now_ms
from playbooks.webhooks.callbacks import Callback, take_callback

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
    return work.read_endpoints(dependencies, caller)


@router.post("/endpoints", status_code=HTTPStatus.CREATED)
def register(body: EndpointRequest, dependencies: Dependencies, caller: Writer) -> EndpointSecret:
    """Register a receiver; its secret is shown this once."""
    return work.register(dependencies, body, caller)


@router.post("/endpoints/{endpoint_id}:rotate")
def rotate(endpoint_id: str, dependencies: Dependencies, caller: Writer) -> EndpointSecret:
    """Give a receiver a new secret; the former one counts too for a while."""
    return work.rotate(dependencies, endpoint_id, caller)


@router.post("/endpoints/{endpoint_id}:disable")
def disable(endpoint_id: str, dependencies: Dependencies, caller: Writer) -> EndpointDocument:
    """Call a receiver no more."""
    return work.disable(dependencies, endpoint_id, caller)


@router.post("/endpoints/{endpoint_id}:enable")
def enable(endpoint_id: str, dependencies: Dependencies, caller: Writer) -> EndpointDocument:
    """Call a receiver again."""
    return work.enable(dependencies, endpoint_id, caller)


@router.post("/endpoints/{endpoint_id}:try", status_code=HTTPStatus.ACCEPTED)
def try_out(endpoint_id: str, dependencies: Dependencies, caller: Writer) -> DeliveryDocument:
    """Send a receiver a call that asks nothing of it; its delivery tells what came of it."""
    return work.try_out(dependencies, endpoint_id, caller)


@router.get("/deliveries")
def list_deliveries(
    dependencies: Dependencies,
    caller: Reader,
    endpoint: Annotated[str | None, Query(max_length=64)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: Annotated[str | None, Query(max_length=1024)] = None,
) -> DeliveryPage:
    """Deliveries, the newest first."""
    return work.read_deliveries(dependencies, endpoint, limit, cursor, caller)


@router.get("/deliveries/{delivery_id}")
def get_delivery(delivery_id: str, dependencies: Dependencies, caller: Reader) -> DeliveryDetail:
    """One delivery with its log."""
    return work.read_delivery(dependencies, delivery_id, caller)


@router.post("/deliveries/{delivery_id}:redeliver")
def redeliver(delivery_id: str, dependencies: Dependencies, caller: Writer) -> DeliveryDocument:
    """Try a delivery that ended again, under the same id."""
    return work.redeliver(dependencies, delivery_id, caller)


@callbacks.post("/endpoints/{endpoint_id}/callbacks")
async def callback(endpoint_id: str, request: Request, dependencies: Dependencies) -> CallbackTaken:
    """A receiver says what it did: signed after Standard Webhooks with the endpoint's secret, taken once."""
    body, origin = await request.body(), caller_of(request).origin
    headers = {name.lower(): value for name, value in request.headers.items()}
    call = Callback(endpoint_id, headers, body, now_ms(), origin.source_address)
    return CallbackTaken(repeated=not await run_in_threadpool(_take, dependencies, call))


def _take(dependencies: ApiDependencies, call: Callback) -> bool:
    with dependencies.records.begin() as session:
        return take_callback(session, call, work.secrets_of(dependencies))
