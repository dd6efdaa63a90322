"""Tables of webhook endpoints, deliveries and the append-only log of attempts."""

from __future__ import annotations

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from audit import append_only
from store.records.database import Base, UtcMilliseconds

_SEQUENCE = BigInteger().with_variant(Integer(), "sqlite")


class WebhookEndpoint(Base):
    """A receiver of signed calls; its secrets are sealed, a former one signs too until ``former_until_ms``.

    ``failures`` counts the deliveries that were given up since one arrived or since it was last enabled;
    ``disabled_because`` is ``person``, ``failures`` or ``gone``.
    """

    __tablename__ = "webhook_endpoints"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    name: Mapped[str] = mapped_column(String(64), unique=True)
    url: Mapped[str] = mapped_column(String(2048))
    unit_id: Mapped[str | None] = mapped_column(String(64), index=True)
    sealed_secret: Mapped[str] = mapped_column(Text)
    sealed_former: Mapped[str | None] = mapped_column(Text)
    former_until_ms: Mapped[UtcMilliseconds | None]
    created_ms: Mapped[UtcMilliseconds]
    created_by: Mapped[str] = mapped_column(String(255))
    disabled_ms: Mapped[UtcMilliseconds | None]
    disabled_because: Mapped[str | None] = mapped_column(String(16))
    failures: Mapped[int] = mapped_column(default=0)


class WebhookDelivery(Base):
    """One message to one endpoint; its id is the ``webhook-id`` of every attempt (an operation id for runs)."""

    __tablename__ = "webhook_deliveries"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    endpoint_id: Mapped[str] = mapped_column(ForeignKey("webhook_endpoints.id"), index=True)
    token_id: Mapped[int | None] = mapped_column(_SEQUENCE)
    type: Mapped[str] = mapped_column(String(128))
    body: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(16))
    attempts: Mapped[int] = mapped_column(default=0)
    most_attempts: Mapped[int]
    created_ms: Mapped[UtcMilliseconds]
    due_ms: Mapped[UtcMilliseconds | None]
    ended_ms: Mapped[UtcMilliseconds | None]

    __table_args__ = (Index("ix_webhook_deliveries_due", "state", "due_ms"),)


class WebhookAttempt(Base):
    """What one attempt came to; only grows."""

    __tablename__ = "webhook_attempts"

    id: Mapped[int] = mapped_column(_SEQUENCE, primary_key=True, autoincrement=True)
    delivery_id: Mapped[str] = mapped_column(ForeignKey("webhook_deliveries.id"), index=True)
    at_ms: Mapped[UtcMilliseconds]
    milliseconds: Mapped[int]
    status: Mapped[int | None]
    outcome: Mapped[str] = mapped_column(String(32))
    answer: Mapped[str] = mapped_column(Text)


class WebhookCallback(Base):
    """A signed call that came in; its id is taken once."""

    __tablename__ = "webhook_callbacks"

    id: Mapped[str] = mapped_column(String(255), primary_key=True)
    endpoint_id: Mapped[str] = mapped_column(ForeignKey("webhook_endpoints.id"), primary_key=True)
    at_ms: Mapped[UtcMilliseconds]
    digest: Mapped[str] = mapped_column(String(64))


append_only(WebhookAttempt.__table__)
