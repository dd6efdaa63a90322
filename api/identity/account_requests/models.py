"""The table of requests."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from store.records import Base, UtcMilliseconds


class RequestKind(StrEnum):
    """What is asked for."""

    CREATE = "create"
    CHANGE_ROLES = "change-roles"
    RESET_PASSWORD = "reset-password"  # noqa: S105 (a kind, no secret)
    REMOVE_SECOND_FACTOR = "remove-second-factor"
    CREATE_API_KEY = "create-api-key"


class RequestState(StrEnum):
    """How it stands; all but the first are final."""

    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


class AccountRequest(Base):
    """Something asked for; what it says never changes, so that what is approved is what was seen.

    ``user_id`` is the account that it concerns, None while there is none; ``subject`` names that account or the key.
    ``credential`` is the hash or digest that the account or key will have; it is removed with the decision.
    """

    __tablename__ = "account_requests"
    __table_args__ = (Index("ix_account_requests_state_expires_ms", "state", "expires_ms"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    kind: Mapped[str] = mapped_column(String(32))
    user_id: Mapped[str | None] = mapped_column(String(32))
    subject: Mapped[str] = mapped_column(String(128))
    detail: Mapped[dict[str, Any]] = mapped_column(JSON)
    credential: Mapped[str | None] = mapped_column(String(256))
    requested_by_id: Mapped[str] = mapped_column(String(32))
    requested_by: Mapped[str] = mapped_column(String(256))
    requested_ms: Mapped[UtcMilliseconds]
    expires_ms: Mapped[UtcMilliseconds]
    state: Mapped[str] = mapped_column(String(16))
    decided_by_id: Mapped[str | None] = mapped_column(String(32))
    decided_by: Mapped[str | None] = mapped_column(String(256))
    decided_ms: Mapped[UtcMilliseconds | None]
    reason: Mapped[str | None] = mapped_column(Text)
