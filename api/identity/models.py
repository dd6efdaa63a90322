"""The tables of identity."""

from __future__ import annotations

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from store.records import Base, UtcMilliseconds


class User(Base):
    """A local account; ``name`` is kept case-folded. ``failed_sign_ins`` counts since ``first_failure_ms``.

    ``units`` are the ids of the units that it speaks for, where its roles are bound to units; ``external_subject`` is
    the person's name at the OpenID provider; ``email`` is where reminders are sent.
    """

    __tablename__ = "users"
    __table_args__ = (Index("ix_users_external_subject", "external_subject", unique=True),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    name: Mapped[str] = mapped_column(String(128), unique=True)
    display_name: Mapped[str] = mapped_column(String(256))
    email: Mapped[str | None] = mapped_column(String(254))
    password_hash: Mapped[str] = mapped_column(String(256))
    roles: Mapped[list[str]] = mapped_column(JSON)
    external_subject: Mapped[str | None] = mapped_column(String(255))
    units: Mapped[list[str] | None] = mapped_column(JSON)
    disabled: Mapped[bool] = mapped_column(default=False)
    created_ms: Mapped[UtcMilliseconds]
    failed_sign_ins: Mapped[int] = mapped_column(default=0)
    first_failure_ms: Mapped[UtcMilliseconds | None]
    locked_until_ms: Mapped[UtcMilliseconds | None]
    last_sign_in_ms: Mapped[UtcMilliseconds | None]


class UserSession(Base):
    """A signed-in browser; only the SHA-256 digest of its token is kept."""

    __tablename__ = "user_sessions"
    __table_args__ = (Index("ix_user_sessions_user_id", "user_id"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    token_digest: Mapped[str] = mapped_column(String(64), unique=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id"))
    created_ms: Mapped[UtcMilliseconds]
    last_seen_ms: Mapped[UtcMilliseconds]
    expires_ms: Mapped[UtcMilliseconds]
    ended_ms: Mapped[UtcMilliseconds | None]
    source_address: Mapped[str | None] = mapped_column(String(64))
    user_agent: Mapped[str | None] = mapped_column(String(256))


class SecondFactor(Base):
    """The app of an account; its secret is sealed. ``last_step`` keeps a code from passing twice."""

    __tablename__ = "second_factors"

    user_id: Mapped[str] = mapped_column(String(32), ForeignKey("users.id"), primary_key=True)
    sealed_secret: Mapped[str] = mapped_column(String(256))
    enrolled_ms: Mapped[UtcMilliseconds]
    confirmed_ms: Mapped[UtcMilliseconds | None]
    last_step: Mapped[int] = mapped_column(default=0)


class ApiKey(Base):
    """A key for programs; acts for its owner with at most its own scopes. Only its secret's digest is kept.

    ``networks`` are the addresses it may be used from, as CIDR; empty for any.
    """

    __tablename__ = "api_keys"
    __table_args__ = (Index("ix_api_keys_user_id", "user_id"),)

    id: Mapped[str] = mapped_column(String(16), primary_key=True)
    name: Mapped[str] = mapped_column(String(128))
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id"))
    secret_digest: Mapped[str] = mapped_column(String(64))
    scopes: Mapped[list[str]] = mapped_column(JSON)
    networks: Mapped[list[str] | None] = mapped_column(JSON)
    created_ms: Mapped[UtcMilliseconds]
    expires_ms: Mapped[UtcMilliseconds]
    revoked_ms: Mapped[UtcMilliseconds | None]
    last_used_ms: Mapped[UtcMilliseconds | None]
