"""Endpoints: registered with a guarded address and a sealed secret, rotated without a gap, disabled and enabled."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from uuid import uuid4

from sqlalchemy.orm import Session

from audit import Actor
from audit.authorship import Change, ChangedBy, audit_change
from playbooks.actions.addresses import AddressGuard
from playbooks.errors import ActionError, InvalidWebhookError
from playbooks.policy import run_policy
from playbooks.webhooks.models import WebhookEndpoint
from playbooks.webhooks.repository import endpoint_named, get_endpoint
from playbooks.webhooks.signature import new_secret
from registry import UnitScope
from registry.registers import Editor
from registry.repository.scoping import sees_unit
from store.records.secrets import SecretBox

_SYSTEM = Actor("system", "webhooks", "webhooks")
_NAME = re.compile(r"[a-z][a-z0-9_-]{1,63}")
_HOUR_MS = 3_600_000
PURPOSE = "webhook secrets"


class DisabledBecause(StrEnum):
    """Why an endpoint is called no more: somebody said so, it took nothing for long, or it said that it is gone."""

    PERSON = "person"
    FAILURES = "failures"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class NewEndpoint:
    """An endpoint to be registered; playbooks call it by its name."""

    name: str
    url: str
    unit_id: str | None = None


class WebhookSecrets:
    """Seals and opens the secrets of endpoints."""

    def __init__(self, master: bytes) -> None:
        """Derive the key from the installation's own."""
        self._box = SecretBox(master, PURPOSE)

    def seal(self, endpoint_id: str, secret: str) -> str:
        """The secret as it is kept."""
        return self._box.seal(secret, _place(endpoint_id))

    def keys(self, endpoint: WebhookEndpoint, at_ms: int) -> list[str]:
        """The secrets that count at a moment, the present one first.

        Raises:
            SecretError: one can't be opened.
        """
        sealed = [endpoint.sealed_secret]
        if endpoint.sealed_former and (endpoint.former_until_ms or 0) > at_ms:
            sealed.append(endpoint.sealed_former)
        return [self._box.open(each, _place(endpoint.id)) for each in sealed]


def register_endpoint(
    session: Session, new: NewEndpoint, editor: Editor, secrets: WebhookSecrets, guard: AddressGuard
) -> tuple[WebhookEndpoint, str]:
    """Register an endpoint; returns it with its secret, which is shown this once.

    Raises:
        InvalidWebhookError: name or address can't be taken, or the unit is not the caller's.
    """
    if not _NAME.fullmatch(new.name) or endpoint_named(session, new.name):
        raise InvalidWebhookError("name: taken, or not of 2 to 64 letters a-z, digits, - and _; choose another")
    try:
        guard.check_url(new.url)
    except ActionError as error:
        raise InvalidWebhookError(f"url: {error}") from error
    if not editor.scope.is_everything and not (new.unit_id and sees_unit(session, editor.scope, new.unit_id)):
        raise InvalidWebhookError("unit_id: name one of your units")
    endpoint_id, secret = uuid4().hex, new_secret()
    row = WebhookEndpoint(
        id=endpoint_id,
        name=new.name,
        url=new.url,
        unit_id=new.unit_id,
        sealed_secret=secrets.seal(endpoint_id, secret),
        created_ms=editor.by.at_ms,
        created_by=editor.by.actor.name,
    )
    session.add(row)
    session.flush()
    _audit(session, row, "register", editor.by)
    return row, secret


def rotate_secret(
    session: Session, scope: UnitScope, endpoint_id: str, secrets: WebhookSecrets, by: ChangedBy
) -> tuple[WebhookEndpoint, str]:
    """Give an endpoint a new secret; calls are signed with the former one too for as long as policy says.

    Raises:
        WebhookNotFoundError: there is none in the scope.
    """
    row, secret = get_endpoint(session, scope, endpoint_id), new_secret()
    row.sealed_former, row.sealed_secret = row.sealed_secret, secrets.seal(row.id, secret)
    row.former_until_ms = by.at_ms + run_policy().webhooks.rotation_hours * _HOUR_MS
    _audit(session, row, "rotate", by)
    return row, secret


def disable_endpoint(session: Session, scope: UnitScope, endpoint_id: str, by: ChangedBy) -> WebhookEndpoint:
    """Call an endpoint no more; disabling it again changes nothing.

    Raises:
        WebhookNotFoundError: there is none in the scope.
    """
    row = get_endpoint(session, scope, endpoint_id)
    if row.disabled_ms is None:
        row.disabled_ms, row.disabled_because = by.at_ms, DisabledBecause.PERSON.value
        _audit(session, row, "disable", by)
    return row


def enable_endpoint(session: Session, scope: UnitScope, endpoint_id: str, by: ChangedBy) -> WebhookEndpoint:
    """Call an endpoint again; enabling it again changes nothing.

    Raises:
        WebhookNotFoundError: there is none in the scope.
    """
    row = get_endpoint(session, scope, endpoint_id)
    if row.disabled_ms is not None:
        row.disabled_ms, row.disabled_because, row.failures = None, None, 0
        _audit(session, row, "enable", by)
    return row


def disable_unheard(session: Session, row: WebhookEndpoint, because: DisabledBecause, at_ms: int) -> None:
    """Call an endpoint no more that does not take what is sent to it; people enable it again."""
    if row.disabled_ms is None:
        row.disabled_ms, row.disabled_because = at_ms, because.value
        _audit(session, row, "disable", ChangedBy(_SYSTEM, at_ms))


def _audit(session: Session, row: WebhookEndpoint, verb: str, by: ChangedBy) -> None:
    session.flush()
    after = {"name": row.name, "url": row.url, "unit_id": row.unit_id, "disabled": row.disabled_because}
    audit_change(session, Change("webhook", verb, row.id, None, None, after), by)


def _place(endpoint_id: str) -> str:
    return f"webhook_endpoints/{endpoint_id}/secret"
