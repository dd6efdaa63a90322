"""Tables of playbooks, runs, their branches, operations, approvals and append-only history."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from audit import append_only
from store.records.database import Base, UtcMilliseconds

_SEQUENCE = BigInteger().with_variant(Integer(), "sqlite")


class PlaybookVersion(Base):
    """A checked playbook exactly as it was read; runs keep to the version that they were started with."""

    __tablename__ = "playbook_versions"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    playbook_id: Mapped[str] = mapped_column(String(250), index=True)
    name: Mapped[str] = mapped_column(String(255))
    modified: Mapped[str] = mapped_column(String(40))
    text: Mapped[str] = mapped_column(Text)
    source: Mapped[str] = mapped_column(String(16))
    added_ms: Mapped[UtcMilliseconds]
    added_by: Mapped[str] = mapped_column(String(255))
    is_current: Mapped[bool] = mapped_column(index=True)


class Run(Base):
    """One execution of a playbook; ``round_number`` counts how often it was taken up, ``is_moving`` whether it is."""

    __tablename__ = "playbook_runs"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    digest: Mapped[str] = mapped_column(ForeignKey("playbook_versions.digest"))
    playbook_id: Mapped[str] = mapped_column(String(250), index=True)
    playbook_name: Mapped[str] = mapped_column(String(255))
    state: Mapped[str] = mapped_column(String(16))
    origin: Mapped[str] = mapped_column(String(16))
    requested_by: Mapped[str] = mapped_column(String(255))
    requested_name: Mapped[str] = mapped_column(String(255))
    scope: Mapped[list[str] | None] = mapped_column(JSON)
    unit_id: Mapped[str | None] = mapped_column(String(64), index=True)
    incident_id: Mapped[str | None] = mapped_column(String(64), index=True)
    alert_id: Mapped[str | None] = mapped_column(String(64), index=True)
    trigger: Mapped[str | None] = mapped_column(String(255), unique=True)
    parent_run_id: Mapped[str | None] = mapped_column(String(32))
    parent_token_id: Mapped[int | None] = mapped_column(_SEQUENCE)
    depth: Mapped[int] = mapped_column(default=0)
    variables: Mapped[dict[str, str | None]] = mapped_column(JSON)
    round_number: Mapped[int] = mapped_column(default=0)
    is_moving: Mapped[bool] = mapped_column(default=False, index=True)
    started_ms: Mapped[UtcMilliseconds]
    changed_ms: Mapped[UtcMilliseconds]
    ended_ms: Mapped[UtcMilliseconds | None]
    problem: Mapped[str | None] = mapped_column(Text)

    __table_args__ = (Index("ix_playbook_runs_started", "started_ms", "id"),)


class Token(Base):
    """One branch of a run: the step where it stands and what it waits for."""

    __tablename__ = "run_tokens"

    id: Mapped[int] = mapped_column(_SEQUENCE, primary_key=True, autoincrement=True)
    run_id: Mapped[str] = mapped_column(ForeignKey("playbook_runs.id"), index=True)
    parent_id: Mapped[int | None] = mapped_column(_SEQUENCE, index=True)
    step_id: Mapped[str] = mapped_column(String(250))
    state: Mapped[str] = mapped_column(String(16))
    wait: Mapped[str | None] = mapped_column(String(16))
    due_ms: Mapped[UtcMilliseconds | None]
    visit: Mapped[int] = mapped_column(default=1)
    position: Mapped[int] = mapped_column(default=0)
    is_delayed: Mapped[bool] = mapped_column(default=False)
    question: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    answer: Mapped[dict[str, Any] | None] = mapped_column(JSON)

    __table_args__ = (Index("ix_run_tokens_state", "state", "due_ms"),)


class Operation(Base):
    """One action under its operation id, kept before it is first called."""

    __tablename__ = "run_operations"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    run_id: Mapped[str] = mapped_column(ForeignKey("playbook_runs.id"), index=True)
    token_id: Mapped[int] = mapped_column(_SEQUENCE)
    step_id: Mapped[str] = mapped_column(String(250))
    kind: Mapped[str] = mapped_column(String(64))
    payload: Mapped[dict[str, Any]] = mapped_column(JSON)
    payload_digest: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(16))
    attempts: Mapped[int] = mapped_column(default=1)
    process: Mapped[str] = mapped_column(String(32))
    started_ms: Mapped[UtcMilliseconds]
    ended_ms: Mapped[UtcMilliseconds | None]
    result: Mapped[dict[str, Any] | None] = mapped_column(JSON)


class Approval(Base):
    """A decision that is asked for: ``plan`` is exactly what will be done, ``plan_digest`` its SM3 over RFC 8785."""

    __tablename__ = "run_approvals"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    run_id: Mapped[str] = mapped_column(ForeignKey("playbook_runs.id"), index=True)
    token_id: Mapped[int] = mapped_column(_SEQUENCE)
    step_id: Mapped[str] = mapped_column(String(250))
    role: Mapped[str] = mapped_column(String(64), index=True)
    plan: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    plan_digest: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(16), index=True)
    requested_ms: Mapped[UtcMilliseconds]
    expires_ms: Mapped[UtcMilliseconds]
    decided_ms: Mapped[UtcMilliseconds | None]
    decided_by: Mapped[str | None] = mapped_column(String(255))
    decided_name: Mapped[str | None] = mapped_column(String(255))
    used_steps: Mapped[list[str]] = mapped_column(JSON, default=list)
    reason: Mapped[str | None] = mapped_column(Text)


class RunHistory(Base):
    """What happened in a run, in order; only grows."""

    __tablename__ = "run_history"

    id: Mapped[int] = mapped_column(_SEQUENCE, primary_key=True, autoincrement=True)
    run_id: Mapped[str] = mapped_column(ForeignKey("playbook_runs.id"), index=True)
    at_ms: Mapped[UtcMilliseconds]
    kind: Mapped[str] = mapped_column(String(16))
    code: Mapped[str] = mapped_column(String(32))
    step_id: Mapped[str | None] = mapped_column(String(250))
    operation_id: Mapped[str | None] = mapped_column(String(64))
    actor: Mapped[str] = mapped_column(String(255))
    text: Mapped[str] = mapped_column(Text)
    detail: Mapped[dict[str, Any]] = mapped_column(JSON)


append_only(RunHistory.__table__)
