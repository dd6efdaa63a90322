"""Reading endpoints, deliveries and their log, each within the caller's units."""

from __future__ import annotations

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from playbooks.errors import WebhookNotFoundError
from playbooks.webhooks.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint
from registry import UnitScope
from registry.repository.scoping import within


def endpoint_named(session: Session, name: str) -> WebhookEndpoint | None:
    """The endpoint of a name; for playbooks, which name endpoints."""
    return session.scalar(select(WebhookEndpoint).where(WebhookEndpoint.name == name))


def list_endpoints(session: Session, scope: UnitScope) -> list[WebhookEndpoint]:
    """The endpoints of the scope, by name."""
    return list(session.scalars(select(WebhookEndpoint).where(_visible(scope)).order_by(WebhookEndpoint.name)))


def get_endpoint(session: Session, scope: UnitScope, endpoint_id: str) -> WebhookEndpoint:
    """One endpoint.

    Raises:
        WebhookNotFoundError: there is none in the scope.
    """
    wanted = select(WebhookEndpoint).where(WebhookEndpoint.id == endpoint_id, _visible(scope))
    found = session.scalar(wanted.with_for_update())
    if found is None:
        raise WebhookNotFoundError("There is no such webhook; reload the list")
    return found


def list_deliveries(
    session: Session, scope: UnitScope, endpoint_id: str | None, limit: int, before: tuple[int, str] | None = None
) -> list[WebhookDelivery]:
    """Deliveries of the scope's endpoints, the newest first, after a known one."""
    query = select(WebhookDelivery).join(WebhookEndpoint, WebhookEndpoint.id == WebhookDelivery.endpoint_id)
    query = query.where(_visible(scope))
    if endpoint_id is not None:
        query = query.where(WebhookDelivery.endpoint_id == endpoint_id)
    if before is not None:
        at, last = before
        earlier = WebhookDelivery.created_ms < at
        query = query.where(or_(earlier, (WebhookDelivery.created_ms == at) & (WebhookDelivery.id < last)))
    order = (WebhookDelivery.created_ms.desc(), WebhookDelivery.id.desc())
    return list(session.scalars(query.order_by(*order).limit(limit)))


def get_delivery(session: Session, scope: UnitScope, delivery_id: str) -> WebhookDelivery:
    """One delivery.

    Raises:
        WebhookNotFoundError: there is none in the scope.
    """
    query = select(WebhookDelivery).join(WebhookEndpoint, WebhookEndpoint.id == WebhookDelivery.endpoint_id)
    found = session.scalar(query.where(_visible(scope), WebhookDelivery.id == delivery_id))
    if found is None:
        raise WebhookNotFoundError("There is no such delivery; reload the list")
    return found


def attempts_of(session: Session, delivery_id: str) -> list[WebhookAttempt]:
    """The log of one delivery, oldest first."""
    wanted = select(WebhookAttempt).where(WebhookAttempt.delivery_id == delivery_id)
    return list(session.scalars(wanted.order_by(WebhookAttempt.id)))


def _visible(scope: UnitScope) -> ColumnElement[bool]:
    return within(scope, WebhookEndpoint.unit_id)
